/**
 * How many distinct elements a sketch has seen: Ertl's improved estimator ("New cardinality
 * estimation algorithms for HyperLogLog sketches", 2017), from how many registers have each value.
 */
import { REGISTER_BITS, REGISTER_COUNT } from "./element-hash.ts";
import { countDense } from "./sketch-dense.ts";
import { DENSE, ENCODING_BYTE, VALUE_MAX } from "./sketch-format.ts";
import { forEachRun } from "./sketch-sparse.ts";

/** The bits of a hash that make runs; a run may be one longer. */
const RUN_BITS = 64 - REGISTER_BITS;
/** 1 / (2 ln 2). */
const ALPHA = 0.7213475204444817;
/** What a number of 64 bits becomes that nothing fits: registers that no hash can have. */
const IMPOSSIBLE = -(2n ** 63n);

const counts = new Uint32Array(VALUE_MAX + 1);

/** Undefined if the sketch is broken. */
export function estimate(bytes: Uint8Array): number | bigint | undefined {
  counts.fill(0);
  if (bytes[ENCODING_BYTE] === DENSE) {
    countDense(bytes, counts);
    return estimateFromCounts();
  }
  let left = REGISTER_COUNT;
  const end = forEachRun(bytes, bytes.length, (_, count, value) => {
    counts[value] += count;
    left -= count;
  });
  counts[0] = left;
  return end >= bytes.length ? estimateFromCounts() : undefined;
}

/** Of registers one byte each. */
export function estimateOfRegisters(registers: Uint8Array): number | bigint {
  counts.fill(0);
  for (let register = 0; register < registers.length; register += 1) {
    counts[registers[register]] += 1;
  }
  return estimateFromCounts();
}

function estimateFromCounts(): number | bigint {
  const count = REGISTER_COUNT;
  let sum = count * tau((count - counts[RUN_BITS + 1]) / count);
  for (let value = RUN_BITS; value >= 1; value -= 1) sum = (sum + counts[value]) * 0.5;
  sum += count * sigma(counts[0] / count);
  const cardinality = Math.round((ALPHA * count * count) / sum);
  return cardinality < 2 ** 63 ? exact(cardinality) : IMPOSSIBLE;
}

function exact(cardinality: number): number | bigint {
  return Number.isSafeInteger(cardinality) ? cardinality : BigInt(cardinality);
}

/** For registers that are zero. */
function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let power = share;
  let sum = share;
  let before = -1;
  for (let weight = 1; before !== sum; weight += weight) {
    power *= power;
    before = sum;
    sum += power * weight;
  }
  return sum;
}

/** For registers that are as high as they can be. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let root = share;
  let sum = 1 - share;
  let before = -1;
  for (let weight = 0.5; before !== sum; weight *= 0.5) {
    root = Math.sqrt(root);
    before = sum;
    sum -= (1 - root) ** 2 * weight;
  }
  return sum / 3;
}
