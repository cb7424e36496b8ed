/**
 * Exact nearest neighbors by a plain scan in double precision: the truth that recall is measured
 * against. Slow on purpose: nothing here is shared with the engines that it judges.
 */
import type { DistanceMetric } from "../../src/vector/vector-index.ts";

export interface TruthRequest {
  readonly metric: DistanceMetric;
  readonly dimensions: number;
  readonly vectors: Float32Array;
  readonly query: Float32Array;
  readonly k: number;
  /** Rows to look at, ascending; all when left out. */
  readonly rows?: ArrayLike<number>;
}

export interface Truth {
  /** Nearest first; ties by row. At most `k`, fewer when fewer rows were given. */
  readonly rows: Int32Array<ArrayBuffer>;
  readonly distances: Float64Array<ArrayBuffer>;
}

export function exactNeighbors(request: TruthRequest): Truth {
  const { vectors, query, dimensions, metric, rows } = request;
  const count = rows === undefined ? vectors.length / dimensions : rows.length;
  const bestRows = new Int32Array(Math.min(request.k, count));
  const bestDistances = new Float64Array(bestRows.length).fill(Number.POSITIVE_INFINITY);
  let filled = 0;
  for (let index = 0; index < count; index += 1) {
    const row = rows === undefined ? index : rows[index];
    const distance = exactDistance(metric, vectors, row * dimensions, query);
    let place = filled;
    while (place > 0 && distance < bestDistances[place - 1]) place -= 1;
    if (place >= bestRows.length) continue;
    bestRows.copyWithin(place + 1, place, bestRows.length - 1);
    bestDistances.copyWithin(place + 1, place, bestRows.length - 1);
    bestRows[place] = row;
    bestDistances[place] = distance;
    if (filled < bestRows.length) filled += 1;
  }
  return { rows: bestRows, distances: bestDistances };
}

export function exactDistance(
  metric: DistanceMetric,
  vectors: ArrayLike<number>,
  offset: number,
  query: ArrayLike<number>,
): number {
  let product = 0;
  let squaredDifference = 0;
  let vectorSquare = 0;
  let querySquare = 0;
  for (let dimension = 0; dimension < query.length; dimension += 1) {
    const left = vectors[offset + dimension];
    const right = query[dimension];
    product += left * right;
    vectorSquare += left * left;
    querySquare += right * right;
    squaredDifference += (left - right) * (left - right);
  }
  if (metric === "L2") return squaredDifference;
  if (metric === "IP") return 1 - product;
  // A vector shorter than 1e-150 has no direction that doubles can tell, like the zero vector.
  if (Math.min(vectorSquare, querySquare) < 1e-300) return 1;
  return 1 - product / (Math.sqrt(vectorSquare) * Math.sqrt(querySquare));
}

/** The share of the `k` true neighbors that were found. */
export function recallOf(found: readonly number[], truth: readonly number[], k: number): number {
  const wanted = new Set(truth.slice(0, k));
  if (wanted.size === 0) return 1;
  let hits = 0;
  for (const row of new Set(found.slice(0, k))) if (wanted.has(row)) hits += 1;
  return hits / wanted.size;
}
