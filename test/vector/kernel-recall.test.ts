/**
 * What the kernel's graph finds: every type and metric against a plain scan, and against hnswlib
 * with the same parameters, which must not find more at any ef.
 */
import hnswlib from "hnswlib-node";
import { describe, expect, test } from "vitest";
import { recallOf } from "../../bench/dataset/ground-truth.ts";
import { encodeVector } from "../../src/vector/vector-codec.ts";
import type { DistanceMetric, VectorIndex, VectorType } from "../../src/vector/vector-index.ts";
import {
  bitmapOf,
  flushed,
  nearestRequest,
  Oracle,
  seededRandom,
  startEngine,
  vectorParameters,
} from "./vector-support.ts";

const types: VectorType[] = ["FLOAT32", "FLOAT64", "FLOAT16", "BFLOAT16", "INT8", "UINT8"];
const metrics: DistanceMetric[] = ["L2", "IP", "COSINE"];
const engine = startEngine(2);

/** Around few centers, since neighbors among evenly spread points mean little. */
function clusteredSource(dimensions: number, seed: number): () => number[] {
  const random = seededRandom(seed);
  const spread = (scale: number) =>
    Array.from({ length: dimensions }, () => (random() + random() + random() - 1.5) * scale);
  const centers = Array.from({ length: 30 }, () => spread(60));
  return () => {
    const center = centers[Math.floor(random() * centers.length)];
    const offset = spread(25);
    return center.map((value, at) => value + offset[at]);
  };
}

function encode(type: VectorType, values: readonly number[]): Buffer {
  if (type === "INT8") return encodeVector(type, values.map(Math.round));
  if (type === "UINT8")
    return encodeVector(
      type,
      values.map((value) => Math.round(value + 128)),
    );
  return encodeVector(type, values);
}

async function walked(index: VectorIndex, query: Buffer, efRuntime: number): Promise<number[]> {
  const found = await index.nearest(nearestRequest({ query, efRuntime }));
  expect(found.method).toBe("graph");
  return [...found.ids];
}

describe.each(types)("%s", (type) => {
  test.each(metrics)("%s: true distances, in order, and the true neighbors", async (metric) => {
    const dimensions = 24;
    const parameters = vectorParameters({ algorithm: "HNSW", type, metric, dimensions });
    const index = engine.create(parameters);
    const oracle = new Oracle(parameters);
    const next = clusteredSource(dimensions, 5);
    for (let id = 0; id < 3_000; id += 1) {
      const vector = encode(type, next());
      index.add(id, vector);
      oracle.add(id, vector);
    }
    await flushed(index);
    let recall = 0;
    for (let turn = 0; turn < 20; turn += 1) {
      const query = encode(type, next());
      const all = oracle.ordered(query, null);
      const distances = new Map(all.map((neighbor) => [neighbor.id, neighbor.distance]));
      const found = await index.nearest(nearestRequest({ query, efRuntime: 40 }));
      expect(found.ids.length).toBe(10);
      found.ids.forEach((id, place) => {
        const distance = distances.get(id) ?? Number.NaN;
        const slack = 1e-6 * Math.max(1, Math.abs(distance));
        expect(Math.abs(found.distances[place] - distance)).toBeLessThanOrEqual(slack);
        if (place > 0) {
          expect(found.distances[place]).toBeGreaterThanOrEqual(found.distances[place - 1]);
        }
      });
      // Equal distances are common among integers, and any of them is right.
      const farthest = all[9].distance;
      recall += found.distances.filter((distance) => distance <= farthest).length / 200;
      const range = await index.withinRange({
        query,
        radius: farthest,
        filter: null,
        timeoutMs: 0,
      });
      const inside = all.filter((neighbor) => neighbor.distance <= farthest);
      expect(Math.abs(range.ids.length - inside.length)).toBeLessThanOrEqual(1);
    }
    expect(recall).toBeGreaterThan(0.95);
    index.close();
  });
});

test.each(metrics)("%s: values whose squares leave the floats lose no document", async (metric) => {
  const index = engine.create(
    vectorParameters({ algorithm: "HNSW", type: "FLOAT64", metric, dimensions: 2 }),
  );
  const rows = [1e300, -1e300, 1e160, 1e-160, 0, 1].map((value) => [value, -value / 2]);
  rows.forEach((row, id) => {
    index.add(id, encodeVector("FLOAT64", row));
  });
  await flushed(index);
  const query = encodeVector("FLOAT64", [1e300, 1e300]);
  const filter = bitmapOf(rows.keys());
  const found = await index.nearest(nearestRequest({ query, k: rows.length, filter }));
  expect([...found.ids].sort()).toEqual([...rows.keys()]);
  expect(found.distances.some(Number.isNaN)).toBe(false);
  index.close();
});

test.each([512, 0])(
  "%i bits of neighbor codes: hardly less than hnswlib finds at the same ef",
  async (bits) => {
    const dimensions = 48;
    const count = 8_000;
    const parameters = vectorParameters({ algorithm: "HNSW", dimensions, neighborCodeBits: bits });
    const index = engine.create(parameters);
    const oracle = new Oracle(parameters);
    const library = new hnswlib.HierarchicalNSW("l2", dimensions);
    library.initIndex(count, parameters.m, parameters.efConstruction, 100);
    const next = clusteredSource(dimensions, 8);
    for (let id = 0; id < count; id += 1) {
      const values = next();
      const vector = encode("FLOAT32", values);
      index.add(id, vector);
      oracle.add(id, vector);
      library.addPoint(values, id);
    }
    await flushed(index);
    for (const efRuntime of [10, 16, 24, 48, 128]) {
      let ours = 0;
      let theirs = 0;
      library.setEf(efRuntime);
      for (let turn = 0; turn < 60; turn += 1) {
        const values = next();
        const query = encode("FLOAT32", values);
        const truth = oracle
          .ordered(query, null)
          .slice(0, 10)
          .map(({ id }) => id);
        ours += recallOf(await walked(index, query, efRuntime), truth, 10) / 60;
        theirs += recallOf(library.searchKnn(values, 10).neighbors, truth, 10) / 60;
      }
      console.log(`recall@10 at ef ${efRuntime}: ${ours}, hnswlib ${theirs}`);
      expect(ours).toBeGreaterThan(theirs - 0.02);
    }
    index.close();
  },
);

test("without neighbor codes a vector takes less memory", async () => {
  const bytes: number[] = [];
  for (const neighborCodeBits of [512, 0]) {
    const dimensions = 512;
    const parameters = vectorParameters({ algorithm: "HNSW", dimensions, neighborCodeBits });
    const index = engine.create(parameters);
    const next = clusteredSource(dimensions, 3);
    for (let id = 0; id < 3_000; id += 1) index.add(id, encode("FLOAT32", next()));
    await flushed(index);
    bytes.push(index.progress().bytes / 3_000);
    index.close();
  }
  // 32 lanes of 512 bits and two factors, but memory comes in slabs.
  expect(bytes[0] - bytes[1]).toBeGreaterThan(1_000);
});
