/**
 * Bits counted, searched and combined by words, beside the same bit by bit: on memory that begins
 * anywhere, at edges inside bytes and words.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PatchedBytes } from "../../src/data/bit-integers.ts";
import { combineBits, countBits, findBit } from "../../src/data/bits.ts";

/** Bytes that begin at any place of their memory; long runs of equal ones are likely. */
const bytes = fc
  .tuple(
    fc.nat(7),
    fc.array(fc.tuple(fc.constantFrom(0, 0xff, 1, 0x80, 0x5a), fc.nat(70)), { maxLength: 6 }),
  )
  .map(([skipped, runs]) => {
    const all = runs.flatMap(([value, count]) => new Array<number>(count).fill(value));
    return Buffer.from([...new Array<number>(skipped).fill(0xaa), ...all]).subarray(skipped);
  });

const bitAt = (from: Uint8Array, at: number): number => (from[at >> 3] >> (7 - (at & 7))) & 1;
const bitsOf = (from: Uint8Array): number[] =>
  Array.from({ length: from.length * 8 }, (_, at) => bitAt(from, at));

describe("bits", () => {
  it("are counted", () => {
    fc.assert(
      fc.property(bytes, fc.nat(400), fc.nat(400), (from, one, other) => {
        const start = Math.min(one, other, from.length);
        const end = Math.min(Math.max(one, other), from.length);
        const expected = bitsOf(from.subarray(start, end)).filter((bit) => bit === 1).length;
        expect(countBits(from, start, end)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it("are found", () => {
    fc.assert(
      fc.property(bytes, fc.constantFrom(0 as const, 1 as const), fc.nat(), fc.nat(), (...args) => {
        const [from, value, one, other] = args;
        if (from.length === 0) return;
        const bits = bitsOf(from);
        const start = Math.min(one % bits.length, other % bits.length);
        const last = Math.max(one % bits.length, other % bits.length);
        const expected = bits.findIndex((bit, at) => at >= start && at <= last && bit === value);
        expect(findBit(from, value, start, last)).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it("are found behind many that are not looked for", () => {
    for (const value of [0, 1] as const) {
      for (const place of [0, 7, 16_383, 16_384, 40_001, 79_999]) {
        const from = Buffer.alloc(10_001, value === 1 ? 0 : 0xff).subarray(1);
        from[place >> 3] ^= 0x80 >> (place & 7);
        expect(findBit(from, value, 0, 79_999)).toBe(place);
        expect(findBit(from, value, place + 1, 79_999)).toBe(-1);
      }
    }
  });

  it("are combined, as if shorter ones went on with zeros", () => {
    const operations = {
      and: (left: number, right: number) => left & right,
      or: (left: number, right: number) => left | right,
      xor: (left: number, right: number) => left ^ right,
    } as const;
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 1, maxLength: 4 }), (sources) => {
        const length = Math.max(...sources.map((one) => one.length));
        const copies = sources.map((one) => Buffer.from(one));
        for (const [name, combine] of Object.entries(operations)) {
          const expected = Array.from({ length }, (_, at) =>
            sources.map((one) => one[at] ?? 0).reduce(combine),
          );
          expect([...combineBits(name as "and", sources)]).toEqual(expected);
        }
        const inverted = [...sources[0]].map((byte) => ~byte & 0xff);
        expect([...combineBits("not", sources.slice(0, 1))]).toEqual(inverted);
        expect(sources.map((one) => Buffer.from(one))).toEqual(copies);
      }),
      { numRuns: 300 },
    );
  });
});

describe("integers between bits", () => {
  const write = fc.record({
    offset: fc.nat(400),
    width: fc.integer({ min: 1, max: 64 }),
    value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  });

  it("are what their bits say, and come out as runs that make the string", () => {
    fc.assert(
      fc.property(bytes, fc.array(write, { maxLength: 8 }), fc.nat(20), (base, writes, gap) => {
        const before = Buffer.from(base);
        const bits = [...bitsOf(base), ...new Array<number>(1000).fill(0)].slice(0, 3000);
        const patched = new PatchedBytes(base);
        let end = base.length;
        for (const { offset, width, value } of writes) {
          patched.write(offset, width, value);
          for (let index = 0; index < width; index += 1) {
            bits[offset + index] = Number((value >> BigInt(width - 1 - index)) & 1n);
          }
          end = Math.max(end, Math.ceil((offset + width) / 8));
          expect(patched.read(offset, width)).toBe(BigInt.asUintN(width, value));
        }
        patched.extend(end);
        const whole = Buffer.alloc(end);
        base.copy(whole);
        let last = -1;
        for (const { start, bytes: run } of patched.runs(gap)) {
          if (last !== -1) expect(start - last).toBeGreaterThan(gap);
          run.copy(whole, start);
          last = start + run.length;
        }
        if (end > base.length) expect(last).toBe(end);
        expect(bitsOf(whole)).toEqual(bits.slice(0, end * 8));
        expect(base.equals(before)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
