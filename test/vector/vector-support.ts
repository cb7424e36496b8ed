/**
 * What the vector tests share: an engine over real threads, seeded numbers, and an oracle that
 * keeps a plain map of vectors and scans it.
 */
import { afterAll } from "vitest";
import { exactDistance } from "../../bench/dataset/ground-truth.ts";
import { Bitmap } from "../../src/base/bitmap.ts";
import { systemClock, systemTimers } from "../../src/runtime/clock.ts";
import { decodeVector } from "../../src/vector/vector-codec.ts";
import { createVectorEngine } from "../../src/vector/vector-engine.ts";
import type {
  NearestRequest,
  VectorIndex,
  VectorParameters,
} from "../../src/vector/vector-index.ts";

export function startEngine(threadCount: number) {
  const engine = createVectorEngine({ clock: systemClock, timers: systemTimers, threadCount });
  afterAll(() => engine.close());
  return engine;
}

/** Everything that was added so far is in the graph then. */
export function flushed(index: VectorIndex): Promise<void> {
  index.seal();
  return index.flush();
}

export function vectorParameters(changes: Partial<VectorParameters>): VectorParameters {
  return {
    algorithm: "FLAT",
    type: "FLOAT32",
    dimensions: 8,
    metric: "L2",
    initialCapacity: 0,
    m: 16,
    efConstruction: 200,
    efRuntime: 10,
    epsilon: 0.01,
    neighborCodeBits: 512,
    blockSize: 1024,
    ...changes,
  };
}

export function nearestRequest(
  changes: Partial<NearestRequest> & { query: Buffer },
): NearestRequest {
  return { k: 10, efRuntime: 0, filter: null, timeoutMs: 0, ...changes };
}

export function bitmapOf(ids: Iterable<number>): Bitmap {
  const bitmap = new Bitmap(0);
  for (const id of ids) bitmap.add(id);
  return bitmap;
}

/** Mulberry32: small, seeded, good enough for tests. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function randomVector(random: () => number, dimensions: number): Buffer {
  const values = new Float32Array(dimensions);
  for (let index = 0; index < dimensions; index += 1) values[index] = random() * 2 - 1;
  return Buffer.from(values.buffer);
}

export interface OracleNeighbor {
  readonly id: number;
  readonly distance: number;
}

/** Every vector that is live, and the plainest possible search. */
export class Oracle {
  readonly parameters: VectorParameters;
  readonly vectors: Map<number, Float64Array>;

  constructor(parameters: VectorParameters) {
    this.parameters = parameters;
    this.vectors = new Map();
  }

  add(id: number, vector: Buffer): void {
    this.vectors.set(id, decodeVector(this.parameters.type, vector));
  }

  remove(id: number): void {
    this.vectors.delete(id);
  }

  /** All that pass, nearest first, ties by id. */
  ordered(query: Buffer, filter: Bitmap | null): OracleNeighbor[] {
    const values = decodeVector(this.parameters.type, query);
    const found: OracleNeighbor[] = [];
    for (const [id, vector] of this.vectors) {
      if (filter !== null && !filter.has(id)) continue;
      const distance = exactDistance(this.parameters.metric, vector, 0, values);
      found.push({ id, distance: Math.fround(distance) });
    }
    return found.sort((left, right) => left.distance - right.distance || left.id - right.id);
  }
}
