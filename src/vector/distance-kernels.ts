/**
 * Distances between a stored row and a query, in double precision.
 *
 * Every sum runs in doubles over values that widen exactly, and the result is rounded once to
 * float32 (`Math.fround`) before anything is compared, so that ties among reported distances are
 * ties, to be broken by id. Four accumulators keep the adder busy.
 * There is one function for each type of row although they read alike: an engine compiles a loop
 * for the array type it sees, and one shared loop that has seen two is several times slower.
 */
import type { DistanceMetric } from "./vector-index.ts";

export type RowValues =
  | Float32Array<SharedArrayBuffer>
  | Float64Array<SharedArrayBuffer>
  | Int8Array<SharedArrayBuffer>
  | Uint8Array<SharedArrayBuffer>;

/** `inverseNorms` are 1 / length, or 0 for the zero vector, whose cosine with anything is 0. */
export function distance(
  metric: DistanceMetric,
  rows: RowValues,
  offset: number,
  query: Float64Array,
  inverseNorms: number,
): number {
  if (metric === "L2") return Math.fround(squaredDifference(rows, offset, query));
  const product = dotProduct(rows, offset, query);
  if (metric === "IP") return orInfinity(Math.fround(1 - product));
  // Rounding may lift the cosine of a vector with itself above 1 by some 1e-16.
  return orInfinity(Math.fround(Math.max(0, 1 - product * inverseNorms)));
}

/**
 * Sums of FLOAT64 values above 1e154 may leave the doubles: such a document is farthest, not lost.
 */
function orInfinity(value: number): number {
  return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
}

/**
 * Below it a square leaves the range in which doubles are exact, and the two inverse lengths of a
 * cosine may multiply to infinity; only FLOAT64 can hold such vectors. They count as zero vectors.
 */
const SQUARED_LENGTH_MIN = 1e-300;

export function inverseNorm(values: ArrayLike<number>, offset: number, count: number): number {
  let sum = 0;
  for (let index = offset; index < offset + count; index += 1) sum += values[index] * values[index];
  return sum < SQUARED_LENGTH_MIN ? 0 : 1 / Math.sqrt(sum);
}

function dotProduct(rows: RowValues, offset: number, query: Float64Array): number {
  if (rows instanceof Float32Array) return dotFloat32(rows, offset, query);
  if (rows instanceof Float64Array) return dotFloat64(rows, offset, query);
  if (rows instanceof Int8Array) return dotInt8(rows, offset, query);
  return dotUint8(rows, offset, query);
}

function squaredDifference(rows: RowValues, offset: number, query: Float64Array): number {
  if (rows instanceof Float32Array) return squaresFloat32(rows, offset, query);
  if (rows instanceof Float64Array) return squaresFloat64(rows, offset, query);
  if (rows instanceof Int8Array) return squaresInt8(rows, offset, query);
  return squaresUint8(rows, offset, query);
}

function dotFloat32(rows: Float32Array, offset: number, query: Float64Array): number {
  const count = query.length;
  const whole = count & ~3;
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  let index = 0;
  for (; index < whole; index += 4) {
    first += rows[offset + index] * query[index];
    second += rows[offset + index + 1] * query[index + 1];
    third += rows[offset + index + 2] * query[index + 2];
    fourth += rows[offset + index + 3] * query[index + 3];
  }
  for (; index < count; index += 1) first += rows[offset + index] * query[index];
  return first + second + (third + fourth);
}

function squaresFloat32(rows: Float32Array, offset: number, query: Float64Array): number {
  const count = query.length;
  const whole = count & ~1;
  let first = 0;
  let second = 0;
  let index = 0;
  for (; index < whole; index += 2) {
    const left = rows[offset + index] - query[index];
    const right = rows[offset + index + 1] - query[index + 1];
    first += left * left;
    second += right * right;
  }
  for (; index < count; index += 1) {
    const last = rows[offset + index] - query[index];
    first += last * last;
  }
  return first + second;
}

function dotFloat64(rows: Float64Array, offset: number, query: Float64Array): number {
  const count = query.length;
  const whole = count & ~3;
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  let index = 0;
  for (; index < whole; index += 4) {
    first += rows[offset + index] * query[index];
    second += rows[offset + index + 1] * query[index + 1];
    third += rows[offset + index + 2] * query[index + 2];
    fourth += rows[offset + index + 3] * query[index + 3];
  }
  for (; index < count; index += 1) first += rows[offset + index] * query[index];
  return first + second + (third + fourth);
}

function squaresFloat64(rows: Float64Array, offset: number, query: Float64Array): number {
  const count = query.length;
  const whole = count & ~1;
  let first = 0;
  let second = 0;
  let index = 0;
  for (; index < whole; index += 2) {
    const left = rows[offset + index] - query[index];
    const right = rows[offset + index + 1] - query[index + 1];
    first += left * left;
    second += right * right;
  }
  for (; index < count; index += 1) {
    const last = rows[offset + index] - query[index];
    first += last * last;
  }
  return first + second;
}

function dotInt8(rows: Int8Array, offset: number, query: Float64Array): number {
  const count = query.length;
  const whole = count & ~3;
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  let index = 0;
  for (; index < whole; index += 4) {
    first += rows[offset + index] * query[index];
    second += rows[offset + index + 1] * query[index + 1];
    third += rows[offset + index + 2] * query[index + 2];
    fourth += rows[offset + index + 3] * query[index + 3];
  }
  for (; index < count; index += 1) first += rows[offset + index] * query[index];
  return first + second + (third + fourth);
}

function squaresInt8(rows: Int8Array, offset: number, query: Float64Array): number {
  const count = query.length;
  const whole = count & ~1;
  let first = 0;
  let second = 0;
  let index = 0;
  for (; index < whole; index += 2) {
    const left = rows[offset + index] - query[index];
    const right = rows[offset + index + 1] - query[index + 1];
    first += left * left;
    second += right * right;
  }
  for (; index < count; index += 1) {
    const last = rows[offset + index] - query[index];
    first += last * last;
  }
  return first + second;
}

function dotUint8(rows: Uint8Array, offset: number, query: Float64Array): number {
  const count = query.length;
  const whole = count & ~3;
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  let index = 0;
  for (; index < whole; index += 4) {
    first += rows[offset + index] * query[index];
    second += rows[offset + index + 1] * query[index + 1];
    third += rows[offset + index + 2] * query[index + 2];
    fourth += rows[offset + index + 3] * query[index + 3];
  }
  for (; index < count; index += 1) first += rows[offset + index] * query[index];
  return first + second + (third + fourth);
}

function squaresUint8(rows: Uint8Array, offset: number, query: Float64Array): number {
  const count = query.length;
  const whole = count & ~1;
  let first = 0;
  let second = 0;
  let index = 0;
  for (; index < whole; index += 2) {
    const left = rows[offset + index] - query[index];
    const right = rows[offset + index + 1] - query[index + 1];
    first += left * left;
    second += right * right;
  }
  for (; index < count; index += 1) {
    const last = rows[offset + index] - query[index];
    first += last * last;
  }
  return first + second;
}
