/**
 * The decoder: any split of any stream gives the same commands, and what breaks the protocol is
 * answered with Redis's texts. fast-check prints the seed of a failure.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bytes, SHORT_BYTES_MAX, toBinaryString } from "../../src/base/bytes.ts";
import { limits } from "../../src/base/limits.ts";
import { FrameDecoder } from "../../src/resp/decoder.ts";

interface Decoded {
  readonly commands: string[][];
  readonly error: string | undefined;
}

function frame(args: readonly (string | Buffer)[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = typeof arg === "string" ? Buffer.from(arg, "latin1") : arg;
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n"));
  }
  return Buffer.concat(parts);
}

function decode(chunks: readonly Buffer[], isAuthenticated = true): Decoded {
  const decoder = new FrameDecoder(isAuthenticated);
  const commands: string[][] = [];
  for (const chunk of chunks) {
    // A socket's chunk may be overwritten once it was read, so arguments must not share it.
    const owned = Buffer.from(chunk);
    decoder.push(owned);
    let args = decoder.next();
    while (args !== undefined) {
      commands.push(args.map(toBinaryString));
      args = decoder.next();
    }
  }
  return { commands, error: decoder.error };
}

function split(stream: Buffer, cuts: readonly number[]): Buffer[] {
  const places = cuts.map((cut) => cut % (stream.length + 1)).sort((left, right) => left - right);
  const chunks: Buffer[] = [];
  let start = 0;
  for (const place of [...places, stream.length]) {
    chunks.push(stream.subarray(start, place));
    start = place;
  }
  return chunks;
}

const binary = (maxLength: number) =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes));
const cuts = fc.array(fc.nat(), { maxLength: 40 });

describe("any split of the stream", () => {
  const argument = fc.oneof(
    binary(20),
    fc.integer({ min: SHORT_BYTES_MAX - 1, max: 100_000 }).map((size) => Buffer.alloc(size, 7)),
  );
  const command = fc.array(argument, { minLength: 1, maxLength: 5 });

  it("gives the commands that were framed", () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 5 }), cuts, (commands, places) => {
        const stream = Buffer.concat(commands.map(frame));
        const expected = commands.map((args) => args.map((arg) => arg.toString("latin1")));
        expect(decode(split(stream, places))).toEqual({ commands: expected, error: undefined });
      }),
    );
  });

  it("gives the same commands and the same error for a stream that may be broken", () => {
    const piece = fc.oneof(
      binary(12),
      fc.constantFrom(
        ..."*1\r\n|$1\r\n|x\r\n|*-1\r\n|*0\r\n|$-1\r\n|PING\r\n|SET a 'b c'\r\n|\"\r\n|\r\n|*1|$|\n"
          .split("|")
          .map((text) => Buffer.from(text)),
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), cuts, (pieces, places) => {
        const stream = Buffer.concat(pieces);
        expect(decode(split(stream, places))).toEqual(decode([stream]));
      }),
      { numRuns: 1000 },
    );
  });
});

describe("arguments", () => {
  it("are owned: strings up to SHORT_BYTES_MAX, beyond that copies of the chunk", () => {
    const decoder = new FrameDecoder(true);
    const chunk = frame([Buffer.alloc(SHORT_BYTES_MAX, 1), Buffer.alloc(SHORT_BYTES_MAX + 1, 2)]);
    decoder.push(chunk);
    const args: Bytes[] | undefined = decoder.next();
    chunk.fill(0);
    expect(args?.[0]).toBe("\x01".repeat(SHORT_BYTES_MAX));
    expect(args?.[1]).toEqual(Buffer.alloc(SHORT_BYTES_MAX + 1, 2));
  });
});

describe("inline commands", () => {
  it.each([
    ["PING\r\n", [["PING"]]],
    ["  SET  a\tb \n", [["SET", "a", "b"]]],
    ['SET a "b \\x41\\n\\"c"\r\n', [["SET", "a", 'b A\n"c']]],
    ["SET a 'b \\' \\n'\r\n", [["SET", "a", "b ' \\n"]]],
    ['SET a ""\r\n', [["SET", "a", ""]]],
    ["\r\n\r\nPING\r\n", [["PING"]]],
  ])("%j", (line, commands) => {
    expect(decode([Buffer.from(line)])).toEqual({ commands, error: undefined });
  });
});

describe("what breaks the protocol", () => {
  it.each([
    ["*a\r\n", "invalid multibulk length"],
    ["*1048577\r\n", "invalid multibulk length"],
    ["*1\r\n$-1\r\n", "invalid bulk length"],
    ["*1\r\n$x\r\n", "invalid bulk length"],
    ["*1\r\n$536870913\r\n", "invalid bulk length"],
    ["*1\r\n:1\r\n", "expected '$', got ':'"],
    ['SET "a\r\n', "unbalanced quotes in request"],
    ['SET "a"b\r\n', "unbalanced quotes in request"],
    ["a".repeat(64 * 1024 + 1), "too big inline request"],
    [`*${"1".repeat(64 * 1024 + 1)}`, "too big mbulk count string"],
    [`*1\r\n$${"1".repeat(64 * 1024 + 1)}`, "too big bulk count string"],
  ])("%#: %.20j", (stream, text) => {
    const after = Buffer.from("*1\r\n$4\r\nPING\r\n");
    const expected = { commands: [], error: `Protocol error: ${text}` };
    expect(decode([Buffer.from(stream), after])).toEqual(expected);
  });

  it("is more before authentication", () => {
    const errorOf = (stream: string) => decode([Buffer.from(stream)], false).error;
    expect(errorOf("*11\r\n")).toBe("Protocol error: unauthenticated multibulk length");
    expect(errorOf("*10\r\n")).toBeUndefined();
    expect(errorOf("*1\r\n$16385\r\n")).toBe("Protocol error: unauthenticated bulk length");
    expect(errorOf("*1\r\n$16384\r\n")).toBeUndefined();
  });
});

describe("a large bulk", () => {
  it("takes no memory for what was only declared", () => {
    const decoder = new FrameDecoder(true);
    const before = process.memoryUsage().arrayBuffers;
    decoder.push(Buffer.from(`*1\r\n$${limits.argumentBytesMax}\r\nabc`));
    expect(decoder.next()).toBeUndefined();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
    expect(decoder.bufferedBytes).toBe(3);
  });
});
