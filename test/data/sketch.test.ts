/**
 * Sketches beside plain arrays of registers, sparse and dense; bytes and hashes beside those that
 * other programs have written down.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { differingMiddle, differingRuns } from "../../src/data/byte-difference.ts";
import { placeOf, REGISTER_COUNT, registerOf, runOf } from "../../src/data/element-hash.ts";
import { mergeInto, Sketch } from "../../src/data/sketch.ts";
import { denseValue } from "../../src/data/sketch-dense.ts";
import { estimate, estimateOfRegisters } from "../../src/data/sketch-estimate.ts";
import { isSketch } from "../../src/data/sketch-format.ts";
import { sparseText } from "../../src/data/sketch-sparse.ts";

const MASK = 2n ** 64n - 1n;

/** MurmurHash64A as it is written down for 64-bit machines. */
function murmur(bytes: Buffer, seed: bigint): bigint {
  const multiplier = 0xc6a4a7935bd1e995n;
  let hash = (seed ^ (BigInt(bytes.length) * multiplier)) & MASK;
  const whole = bytes.length - (bytes.length % 8);
  for (let at = 0; at < whole; at += 8) {
    let word = (bytes.readBigUInt64LE(at) * multiplier) & MASK;
    word = ((word ^ (word >> 47n)) * multiplier) & MASK;
    hash = ((hash ^ word) * multiplier) & MASK;
  }
  if (whole < bytes.length) {
    const rest = Buffer.alloc(8);
    bytes.copy(rest, 0, whole);
    hash = ((hash ^ rest.readBigUInt64LE()) * multiplier) & MASK;
  }
  hash = ((hash ^ (hash >> 47n)) * multiplier) & MASK;
  return hash ^ (hash >> 47n);
}

const ofBytes = (sketch: Sketch): Buffer => Buffer.from(sketch.bytes.subarray(0, sketch.length));

function registersOf(bytes: Uint8Array): number[] {
  const registers = new Uint8Array(REGISTER_COUNT);
  expect(mergeInto(registers, bytes)).toBe(true);
  return [...registers];
}

describe("an element's place", () => {
  it("is of the hash's bits, whether it is a string or a buffer", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (raw) => {
        const bytes = Buffer.from(raw);
        const hash = murmur(bytes, 0xadc83b19n);
        let run = 1;
        for (let rest = (hash >> 14n) | (1n << 50n); (rest & 1n) === 0n; rest >>= 1n) run += 1;
        for (const element of [bytes, bytes.toString("latin1")]) {
          expect(registerOf(placeOf(element))).toBe(Number(hash & 0x3fffn));
          expect(runOf(placeOf(element))).toBe(run);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("a sketch", () => {
  const raise = fc.tuple(
    fc.oneof(fc.nat(REGISTER_COUNT - 1), fc.nat(30)),
    fc.oneof({ weight: 8, arbitrary: fc.constantFrom(1, 2, 3) }, fc.integer({ min: 1, max: 51 })),
  );

  it("holds the highest run of each register, sparse or dense", () => {
    fc.assert(
      fc.property(
        fc.array(raise, { maxLength: 200 }),
        fc.constantFrom(20, 100, 3000),
        (raises, sparseBytesMax) => {
          const sketch = new Sketch();
          sketch.clear();
          const registers = new Array<number>(REGISTER_COUNT).fill(0);
          for (const [register, run] of raises) {
            const isHigher = run > registers[register];
            registers[register] = Math.max(registers[register], run);
            expect(sketch.raise(register, run, sparseBytesMax)).toBe(isHigher);
            if (!sketch.isDense) expect(sketch.length).toBeLessThanOrEqual(sparseBytesMax);
          }
          expect(isSketch(ofBytes(sketch))).toBe(true);
          expect(registersOf(ofBytes(sketch))).toEqual(registers);
          const whole = new Sketch();
          whole.clear();
          whole.raiseAll(Uint8Array.from(registers), sparseBytesMax);
          expect(registersOf(ofBytes(whole))).toEqual(registers);
          if (sketch.isDense) expect(whole.becomeDense()).toBe(true);
          const count = estimate(ofBytes(sketch));
          expect(sketch.becomeDense()).toBe(true);
          expect(registers.map((_, index) => denseValue(sketch.bytes, index))).toEqual(registers);
          expect(estimate(ofBytes(sketch))).toBe(count);
          expect(estimateOfRegisters(Uint8Array.from(registers))).toBe(count);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("splits and joins runs as other programs do", () => {
    const sketch = new Sketch();
    sketch.clear();
    const steps: [register: number, run: number, text: string][] = [
      [100, 1, "Z:100 v:1,1 Z:16283"],
      [101, 1, "Z:100 v:1,2 Z:16282"],
      [103, 1, "Z:100 v:1,2 z:1 v:1,1 Z:16280"],
      [102, 1, "Z:100 v:1,4 Z:16280"],
      [104, 1, "Z:100 v:1,4 v:1,1 Z:16279"],
      [102, 7, "Z:100 v:1,2 v:7,1 v:1,2 Z:16279"],
      [0, 32, "v:32,1 Z:99 v:1,2 v:7,1 v:1,2 Z:16279"],
      [50, 2, "v:32,1 z:49 v:2,1 z:49 v:1,2 v:7,1 v:1,2 Z:16279"],
      [16383, 3, "v:32,1 z:49 v:2,1 z:49 v:1,2 v:7,1 v:1,2 Z:16278 v:3,1"],
    ];
    for (const [register, run, text] of steps) {
      sketch.raise(register, run, 3000);
      expect(sparseText(ofBytes(sketch))).toBe(text);
    }
  });

  it("that is broken is never changed and never counted", () => {
    const sketch = new Sketch();
    sketch.clear();
    const cut = ofBytes(sketch).subarray(0, 16);
    sketch.load(cut);
    expect(sketch.raise(5, 1, 3000)).toBeUndefined();
    expect(sketch.becomeDense()).toBe(false);
    expect(estimate(cut)).toBeUndefined();
    expect(mergeInto(new Uint8Array(REGISTER_COUNT), cut)).toBe(false);
  });

  it("counts within a few standard errors", () => {
    const sketch = new Sketch();
    sketch.clear();
    let next = 10;
    for (let count = 1; count <= 100_000; count += 1) {
      const place = placeOf(`element ${count}`);
      sketch.raise(registerOf(place), runOf(place), 3000);
      if (count !== next) continue;
      next *= 10;
      const error = Math.abs(Number(estimate(ofBytes(sketch))) - count);
      expect(error).toBeLessThanOrEqual(Math.ceil(count * 0.0081 * 5));
    }
  });
});

describe("differences between strings", () => {
  const text = fc.array(fc.constantFrom(0, 1, 2), { maxLength: 60 }).map((raw) => Buffer.from(raw));

  it("make one out of the other", () => {
    fc.assert(
      fc.property(text, text, fc.nat(10), (before, after, start) => {
        const from = Math.min(start, before.length, after.length);
        before.copy(after, 0, 0, from);
        const middle = differingMiddle(before, after, from);
        if (middle === undefined) expect(before.equals(after)).toBe(true);
        else {
          const parts = [before.subarray(0, middle.offset), Buffer.from(middle.value)];
          const rest = before.subarray(middle.offset + middle.removedCount);
          expect(Buffer.concat([...parts, rest]).equals(after)).toBe(true);
        }
        const same = Buffer.from(before.subarray(0, after.length));
        const cut = after.subarray(0, same.length);
        for (const { offset, removedCount, value } of differingRuns(same, cut, 0, cut.length)) {
          expect(removedCount).toBe(value.length);
          same.set(Buffer.from(value), offset);
        }
        expect(same.equals(cut)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
