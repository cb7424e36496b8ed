/**
 * Protocol fuzzing with the small numbers (H6), what it found, and that it can find something: a
 * decoder that loses a byte at a split, and a server that leaves a command without its reply.
 */
import { expect, test } from "vitest";
import type { Bytes } from "../../src/base/bytes.ts";
import { FrameDecoder } from "../../src/resp/decoder.ts";
import { reportLine } from "../support/harness-report.ts";
import { fuzzDecoder } from "./decoder-harness.ts";
import { fuzzServer } from "./protocol-harness.ts";
import { referenceDecode } from "./reference-decoder.ts";

test("any split of any stream gives the same frames", async () => {
  const report = await fuzzDecoder();
  console.log(reportLine(report));
  expect(report.failures).toEqual([]);
});

test("whatever clients send, replies stay in step and the server lives", async () => {
  const report = await fuzzServer();
  console.log(reportLine(report));
  expect(report.failures).toEqual([]);
});

/** Its chunk is not its own after `release`. */
class LendingDecoder extends FrameDecoder {
  override release(): void {}
}

/** Takes a frame that is longer than one chunk for one that has come. */
class HastyDecoder extends FrameDecoder {
  override push(chunk: Buffer): void {
    super.push(chunk.length > 30 && chunk.at(-1) === 13 ? chunk.subarray(0, -1) : chunk);
  }
}

/** Gives the same array for every frame. */
class ThriftyDecoder extends FrameDecoder {
  readonly #args: Bytes[] = [];
  override next(): Bytes[] | undefined {
    const args = super.next();
    if (args === undefined) return undefined;
    this.#args.length = 0;
    this.#args.push(...args);
    return this.#args;
  }
}

/** Never lets go of what it got. */
class HoardingDecoder extends FrameDecoder {
  static readonly hoard: Buffer[] = [];
  override push(chunk: Buffer): void {
    HoardingDecoder.hoard.push(Buffer.alloc(8192, 1));
    super.push(chunk);
  }
}

test("finds the planted decoder that grows", async () => {
  const makeDecoder = (isAuthenticated: boolean) => new HoardingDecoder(isAuthenticated);
  const { failures } = await fuzzDecoder(makeDecoder, 20_000);
  HoardingDecoder.hoard.length = 0;
  expect(failures.join("\n")).toMatch(/memory grew by \d+ bytes/);
});

test.each([
  ["keeps what was lent to it", LendingDecoder],
  ["loses a byte at a split", HastyDecoder],
  ["gives one array twice", ThriftyDecoder],
])("finds the planted decoder that %s", async (_, Planted) => {
  const { failures } = await fuzzDecoder((isAuthenticated) => new Planted(isAuthenticated), 20_000);
  expect(failures.length).toBeGreaterThan(0);
});

test("finds the planted command that is never answered", async () => {
  const { failures } = await fuzzServer({ frameCount: 500, isSilentPlanted: true });
  expect(failures.join("\n")).toMatch(/out of step|replies to|hangs/);
});

/** As the decoder's own tests do, and the reference must say the same. */
function errorOf(text: string): string | undefined {
  const decoder = new FrameDecoder(true);
  decoder.push(Buffer.from(text, "latin1"));
  while (decoder.next() !== undefined);
  const rules = { isAuthenticated: true, bulkBytesMax: decoder.bulkBytesMax };
  expect(referenceDecode(text, rules).error).toBe(decoder.error);
  return decoder.error;
}

test("a length with zeros before it is none, as in Redis, whole or in pieces", () => {
  const invalidBulk = "Protocol error: invalid bulk length";
  // It gave a frame when it came in one piece, and an error when it came in two.
  expect(errorOf("*1\r\n$0000000000000000004\r\nPING\r\n")).toBe(invalidBulk);
  expect(errorOf("*1\r\n$04\r\nPING\r\n")).toBe(invalidBulk);
  expect(errorOf("*1\r\n$-0\r\n\r\n")).toBe(invalidBulk);
  for (const count of ["01", "-0", "00", "-01"]) {
    expect(errorOf(`*${count}\r\n`)).toBe("Protocol error: invalid multibulk length");
  }
  expect(errorOf("*0\r\n*-1\r\n*-10\r\n")).toBeUndefined();
});

test("a header that is too long is called so, whole or in pieces", () => {
  // In one piece it was called an invalid length.
  const header = `*${"1".repeat(70_000)}\r\n`;
  expect(errorOf(header)).toBe("Protocol error: too big mbulk count string");
  expect(errorOf(header.slice(0, 66_000))).toBe("Protocol error: too big mbulk count string");
});
