/**
 * The distance of two vectors as the kernel reports it (`kernel/values.cpp`), to the last bit, so
 * that documents which are measured here tie with those that it found.
 *
 * Sums run in double precision over values that widen exactly, in sixteen lanes that are added in
 * one order, and are rounded once to float32.
 */
import type { DistanceMetric } from "./vector-index.ts";

export interface MeasuredVector {
  readonly values: Float64Array;
  /** 1 / length, or 0 for the zero vector, whose cosine with anything is 0. */
  readonly inverseNorm: number;
}

const LANE_COUNT = 16;
/**
 * Below it a square leaves the range in which doubles are exact, and the two inverse lengths of a
 * cosine may multiply to infinity; only FLOAT64 can hold such vectors. They count as zero vectors.
 */
const SQUARED_LENGTH_MIN = 1e-300;

const lanes = new Float64Array(LANE_COUNT);

export function measuredVector(values: Float64Array): MeasuredVector {
  const sum = dotProduct(values, values);
  return { values, inverseNorm: sum < SQUARED_LENGTH_MIN ? 0 : 1 / Math.sqrt(sum) };
}

export function exactDistance(
  metric: DistanceMetric,
  query: MeasuredVector,
  stored: MeasuredVector,
): number {
  if (metric === "L2") return Math.fround(squaredDifference(stored.values, query.values));
  const product = dotProduct(stored.values, query.values);
  if (metric === "IP") return orInfinity(1 - product);
  // Rounding may lift the cosine of a vector with itself above 1 by some 1e-16.
  return orInfinity(Math.max(0, 1 - product * query.inverseNorm * stored.inverseNorm));
}

/**
 * Sums of FLOAT64 values above 1e154 may leave the doubles: such a document is farthest, not lost.
 */
function orInfinity(value: number): number {
  return Number.isNaN(value) ? Number.POSITIVE_INFINITY : Math.fround(value);
}

function dotProduct(left: Float64Array, right: Float64Array): number {
  lanes.fill(0);
  for (let index = 0; index < left.length; index += 1) {
    lanes[index % LANE_COUNT] += left[index] * right[index];
  }
  return addLanes();
}

function squaredDifference(left: Float64Array, right: Float64Array): number {
  lanes.fill(0);
  for (let index = 0; index < left.length; index += 1) {
    const difference = left[index] - right[index];
    lanes[index % LANE_COUNT] += difference * difference;
  }
  return addLanes();
}

function addLanes(): number {
  for (let width = LANE_COUNT / 2; width > 0; width >>>= 1) {
    for (let lane = 0; lane < width; lane += 1) lanes[lane] += lanes[lane + width];
  }
  return lanes[0];
}
