/**
 * CRC-32C against the values of RFC 3720 (appendix B.4) and against one bit at a time.
 */
import { describe, expect, it, onTestFailed } from "vitest";
import { crc32c, findFlippedBit } from "../../src/base/crc32c.ts";
import { seededRandom } from "../support/command-grammar.ts";

const seed = Number(process.env["LODESTONE_SEED"] ?? Date.now() % 2 ** 31);

function bitByBit(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

describe("crc32c", () => {
  it("gives the published values", () => {
    expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
    expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
    expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, at) => at)))).toBe(0x46dd794e);
  });

  it("is the same for every length, start and alignment", () => {
    onTestFailed(() => console.error(`LODESTONE_SEED=${seed}`));
    const random = seededRandom(seed);
    const memory = Buffer.from(Array.from({ length: 2048 }, () => Math.floor(random() * 256)));
    for (let round = 0; round < 500; round += 1) {
      const offset = Math.floor(random() * 9);
      const bytes = memory.subarray(offset, 1024 + Math.floor(random() * 1024));
      const start = Math.floor(random() * 20);
      const end = start + Math.floor(random() * (bytes.length - start));
      expect(crc32c(bytes, start, end)).toBe(bitByBit(bytes.subarray(start, end)));
    }
  });

  it("names the byte of a flipped bit", () => {
    const bytes = Buffer.alloc(600, 7);
    const stored = crc32c(bytes);
    bytes[413] ^= 16;
    expect(findFlippedBit(bytes, 0, bytes.length, stored)).toBe(413);
  });
});
