/**
 * Files of Redis's format: every entry that may stand between keys, values larger than the window,
 * and no byte that could be wrong without being noticed.
 */
import { describe, expect, it } from "vitest";
import { Crc64 } from "../../src/rdb/crc64.ts";
import { RdbFileReader, type RdbKey } from "../../src/rdb/file-reader.ts";
import { RdbFileWriter } from "../../src/rdb/file-writer.ts";

function readerOf(bytes: Buffer): RdbFileReader {
  const read = async (into: Uint8Array, offset: number) =>
    bytes.copy(into, 0, offset, offset + into.length);
  return new RdbFileReader({ read }, bytes.length);
}

async function keysOf(reader: RdbFileReader): Promise<RdbKey[]> {
  const all: RdbKey[] = [];
  for (let keys = await reader.nextKeys(); keys !== undefined; keys = await reader.nextKeys()) {
    all.push(...keys);
  }
  return all;
}

/** Header, these bytes, and a right end. */
function fileOf(body: string, version = "0011"): Buffer {
  const bytes = Buffer.from(body.replaceAll(/\s/g, ""), "hex");
  const content = Buffer.concat([
    Buffer.from(`REDIS${version}`),
    bytes,
    Buffer.from("\xff", "latin1"),
  ]);
  const checksum = new Crc64();
  checksum.update(content);
  const footer = Buffer.alloc(8);
  checksum.write(footer, 0);
  return Buffer.concat([content, footer]);
}

const failing = async (bytes: Buffer) =>
  keysOf(readerOf(bytes)).then(
    () => "read",
    (failure: Error) => `${failure.name}: ${failure.message}`,
  );

describe("a file", () => {
  it("may have everything between its keys that Redis writes", async () => {
    const body = `
      fa 09 72656469732d766572 05 372e322e36
      f5 04 6c756130
      f7 81 0123456789abcdef 02 02 01 05 02 05 05 03 616263 03 00000000 04 0000000000000000 00
      fe 00 fb 02 01 f4 01 02 03
      fc 0100000000000000 f8 05 00 01 61 01 31
      fd 02000000 f9 07 00 01 62 01 32
      01 01 65 00
      fe 03 00 01 63 c0 09`;
    const reader = readerOf(fileOf(body));
    expect(await keysOf(reader)).toEqual([
      { database: 0, key: "a", value: { type: "string", value: "1" }, expiryMs: 1 },
      { database: 0, key: "b", value: { type: "string", value: "2" }, expiryMs: 2000 },
      { database: 3, key: "c", value: { type: "string", value: "9" }, expiryMs: 0 },
    ]);
    const { functionCount, moduleDataCount, emptyCount, hasChecksum, version } = reader;
    expect({ functionCount, moduleDataCount, emptyCount, hasChecksum, version }).toEqual({
      functionCount: 1,
      moduleDataCount: 1,
      emptyCount: 1,
      hasChecksum: true,
      version: 11,
    });
  });

  it("may have no checksum", async () => {
    const bytes = fileOf("00 01 61 01 31", "0009");
    bytes.fill(0, bytes.length - 8);
    const reader = readerOf(bytes);
    expect(await keysOf(reader)).toHaveLength(1);
    expect(reader.hasChecksum).toBe(false);
    const old = Buffer.concat([
      Buffer.from("REDIS0003"),
      Buffer.from("00016101 31ff".replace(" ", ""), "hex"),
    ]);
    expect(await keysOf(readerOf(old))).toHaveLength(1);
  });

  it("is refused where there is something that nobody reads", async () => {
    expect(await failing(fileOf("", "0013"))).toContain("version 13 of the format is not known");
    expect(await failing(Buffer.from("GARBAGE that is long"))).toContain("begins with REDIS");
    expect(await failing(fileOf("07 03 6b6579 01"))).toMatch(/key "key"\): a value of a module/);
    expect(await failing(fileOf("f6 01 61"))).toContain("candidate of Redis 7.0");
    expect(await failing(fileOf("20 01 61 01"))).toContain("unknown type 32");
    const trailing = Buffer.concat([fileOf("00 01 61 01 31"), Buffer.from("x")]);
    expect(await failing(trailing)).toContain("1 bytes follow behind its end");
    expect(await failing(Buffer.alloc(0))).toContain("the file is cut off");
    // A list that says it has four billion elements.
    expect(await failing(fileOf("01 01 61 80 ffffffff"))).toMatch(
      /RdbFileBad.*more than one value/,
    );
    expect(await failing(fileOf("00 01 61 80 10000000"))).toContain("the file is cut off");
  });

  it("is refused wherever it is cut off, and whichever byte is another", async () => {
    const writer = new RdbFileWriter(10, { made: "here" });
    writer.beginDatabase(0, 3, 1);
    writer.key("string", { type: "string", value: "value" }, 99);
    writer.key("list", { type: "list", values: ["a", "1", "x".repeat(70)] }, 0);
    writer.key("hash", { type: "hash", pairs: ["f", "v"] }, 0);
    const content = Buffer.from(writer.take());
    const whole = Buffer.concat([content, writer.end()]);
    expect(await keysOf(readerOf(whole))).toHaveLength(3);
    for (let at = 0; at < whole.length; at += 1) {
      expect(await failing(whole.subarray(0, at)), `cut at ${at}`).toContain("RdbFileBad");
      const changed = Buffer.from(whole);
      changed[at] ^= 0x41;
      expect(await failing(changed), `byte ${at}`).toContain("RdbFileBad");
    }
  });

  it("may have values larger than what is read at once, in pieces of any size", async () => {
    const writer = new RdbFileWriter(10, {});
    const values = Array.from({ length: 300_000 }, (_, index) => `value ${index}`);
    const large = Buffer.alloc(3_000_000, "x");
    const pieces: Buffer[] = [];
    writer.beginDatabase(2, 3, 0);
    writer.key("list", { type: "list", values }, 0);
    pieces.push(Buffer.from(writer.take()));
    writer.key("large", { type: "string", value: large }, 0);
    writer.key("set", { type: "set", members: values }, 0);
    pieces.push(Buffer.from(writer.take()), writer.end());
    const keys = await keysOf(readerOf(Buffer.concat(pieces)));
    expect(keys.map(({ key, database }) => [key, database])).toEqual([
      ["list", 2],
      ["large", 2],
      ["set", 2],
    ]);
    expect(keys[0].value).toEqual({ type: "list", values });
    expect(keys[1].value).toEqual({ type: "string", value: large });
    expect(keys[2].value).toEqual({ type: "set", members: values });
  });
});
