/**
 * ByteWriter and ByteReader: what is written is read, what is missing is refused with its place.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteReader, MalformedBytes } from "../../src/base/byte-reader.ts";
import { ByteWriter } from "../../src/base/byte-writer.ts";
import { type Bytes, canonicalBytes } from "../../src/base/bytes.ts";

type Item =
  | { readonly kind: "u8" | "u32" | "count"; readonly value: number }
  | { readonly kind: "bytes"; readonly value: Bytes };

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 20 }),
  fc.uint8Array({ minLength: 505, maxLength: 520 }),
);
const item: fc.Arbitrary<Item> = fc.oneof(
  fc.record({ kind: fc.constant("u8" as const), value: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ kind: fc.constant("u32" as const), value: fc.integer({ min: 0, max: 2 ** 32 - 1 }) }),
  fc.record({ kind: fc.constant("count" as const), value: fc.maxSafeNat() }),
  fc.record({
    kind: fc.constant("bytes" as const),
    value: bytes.map((value) => canonicalBytes(Buffer.from(value))),
  }),
);

function write(writer: ByteWriter, one: Item): void {
  if (one.kind === "bytes") writer.bytes(one.value);
  else writer[one.kind](one.value);
}

describe("bytes of a binary format", () => {
  it("are read as they were written, by a writer of any size that is used again", () => {
    const writer = new ByteWriter(16);
    fc.assert(
      fc.property(fc.array(item, { maxLength: 20 }), (items) => {
        writer.clear();
        for (const one of items) write(writer, one);
        expect(writer.written().length).toBe(writer.length);
        const reader = new ByteReader(Buffer.from(writer.written()));
        for (const { kind, value } of items) expect(reader[kind]()).toEqual(value);
        expect(reader.remaining).toBe(0);
      }),
    );
  });

  it("keep long values as copies, and short ones as text", () => {
    const writer = new ByteWriter();
    writer.bytes(Buffer.alloc(512, "s"));
    writer.bytes(Buffer.alloc(513, "l"));
    writer.bytes(Buffer.alloc(600, "k"));
    const source = Buffer.from(writer.written());
    const reader = new ByteReader(source);
    const short = reader.bytes();
    const long = reader.bytes();
    const key = reader.binaryString();
    source.fill(0);
    expect(short).toBe("s".repeat(512));
    expect(long).toEqual(Buffer.alloc(513, "l"));
    expect(key).toBe("k".repeat(600));
  });

  it("leave room for what is written later", () => {
    const writer = new ByteWriter(16);
    writer.u8(1);
    writer.skip(40);
    writer.u8(2);
    expect(writer.length).toBe(42);
    expect(writer.written()[41]).toBe(2);
  });

  it("refuse what cannot be written", () => {
    const writer = new ByteWriter();
    for (const value of [-1, 2 ** 32]) expect(() => writer.u32(value)).toThrow("u32 in range");
    for (const value of [-1, 0.5, 2 ** 53]) expect(() => writer.count(value)).toThrow("a count is");
  });

  it("refuse what is not there, with the place", () => {
    const reader = (hex: string) => new ByteReader(Buffer.from(hex, "hex"));
    expect(() => reader("").u8()).toThrow(new MalformedBytes("1 bytes are missing at byte 0 of 0"));
    expect(() => reader("010203").u32()).toThrow(MalformedBytes);
    expect(() => reader("01020304050607").count()).toThrow(MalformedBytes);
    expect(() => reader("0000000000002000").count()).toThrow("a count is above 2^53");
    expect(() => reader("05000000aabb").bytes()).toThrow("5 bytes are missing at byte 4 of 6");
    expect(() => reader("ffffffff").binaryString()).toThrow(MalformedBytes);
    expect(() => reader("03000000aabbccdd").itemCount(4)).toThrow("3 items do not fit");
  });
});
