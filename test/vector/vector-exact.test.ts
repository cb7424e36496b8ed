/** FLAT and ranges against a plain scan: every type and metric, ties, filters, zero vectors. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exactDistance, measuredVector } from "../../src/vector/exact-distance.ts";
import { decodeVector, encodeVector } from "../../src/vector/vector-codec.ts";
import type { DistanceMetric, VectorType } from "../../src/vector/vector-index.ts";
import {
  bitmapOf,
  nearestRequest,
  Oracle,
  type OracleNeighbor,
  randomVector,
  seededRandom,
  startEngine,
  vectorParameters,
} from "./vector-support.ts";

const types: VectorType[] = ["FLOAT32", "FLOAT64", "FLOAT16", "BFLOAT16", "INT8", "UINT8"];
const metrics: DistanceMetric[] = ["L2", "IP", "COSINE"];
const engine = startEngine(2);

/** Few distinct values, so that ties and equal vectors are common. */
function coordinate(type: VectorType): fc.Arbitrary<number> {
  const whole = fc.integer({ min: type === "UINT8" ? 0 : -3, max: 3 });
  if (type === "INT8") return fc.oneof(whole, fc.integer({ min: -128, max: 127 }));
  if (type === "UINT8") return fc.oneof(whole, fc.integer({ min: 0, max: 255 }));
  return fc.oneof(whole, fc.double({ min: -50, max: 50, noNaN: true }));
}

describe.each(types)("%s", (type) => {
  test.each(metrics)("%s: nearest and range equal the oracle's", async (metric) => {
    const scenario = fc.integer({ min: 1, max: 9 }).chain((dimensions) =>
      fc.record({
        dimensions: fc.constant(dimensions),
        rows: fc.array(vectorOf(type, dimensions), { minLength: 1, maxLength: 80 }),
        query: vectorOf(type, dimensions),
        k: fc.integer({ min: 1, max: 100 }),
        modulus: fc.integer({ min: 1, max: 5 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(scenario, async ({ dimensions, rows, query, k, modulus }) => {
        const parameters = vectorParameters({ type, metric, dimensions });
        const index = engine.create(parameters);
        const oracle = new Oracle(parameters);
        rows.forEach((row, id) => {
          index.add(id, row);
          oracle.add(id, row);
        });
        const filter = modulus === 1 ? null : bitmapOf(evenly(rows.length, modulus));
        const all = oracle.ordered(query, filter);
        const found = await index.nearest(nearestRequest({ query, k, filter }));
        expectSame(found, all.slice(0, k), all);
        // The radius lies a little off any distance, where rounding cannot decide.
        const radius = all[Math.floor(all.length / 2)].distance + 1e-5;
        const range = await index.withinRange({ query, radius, filter, timeoutMs: 0 });
        const inside = all.filter((neighbor) => neighbor.distance <= radius);
        if (Math.abs(radius - inside[inside.length - 1].distance) > 5e-6) expectSame(range, inside);
        index.close();
      }),
      { numRuns: 40 },
    );
  });
});

function vectorOf(type: VectorType, dimensions: number): fc.Arbitrary<Buffer> {
  return fc
    .array(coordinate(type), { minLength: dimensions, maxLength: dimensions })
    .map((values) => encodeVector(type, values));
}

function* evenly(count: number, modulus: number): Generator<number> {
  for (let id = 0; id < count; id += modulus) yield id;
}

/** Sums in another order may differ in the last bit, and so swap what is all but a tie. */
function expectSame(
  found: { ids: Uint32Array; distances: Float32Array },
  expected: readonly OracleNeighbor[],
  candidates: readonly OracleNeighbor[] = expected,
): void {
  const trueDistances = new Map(candidates.map(({ id, distance }) => [id, distance]));
  expect(found.ids.length).toBe(expected.length);
  expect(new Set(found.ids).size).toBe(found.ids.length);
  found.ids.forEach((id, place) => {
    const distance = found.distances[place];
    expectNear(distance, expected[place].distance);
    expectNear(distance, trueDistances.get(id) ?? Number.NaN);
    if (place === 0) return;
    const before = found.distances[place - 1];
    expect(distance).toBeGreaterThanOrEqual(before);
    if (distance === before) expect(id).toBeGreaterThan(found.ids[place - 1]);
  });
}

function expectNear(actual: number, expected: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(expected)));
}

test("a zero vector has cosine 0 with everything, itself included", async () => {
  const index = engine.create(vectorParameters({ metric: "COSINE", dimensions: 3 }));
  index.add(0, encodeVector("FLOAT32", [0, 0, 0]));
  index.add(1, encodeVector("FLOAT32", [1, 2, 3]));
  const zero = encodeVector("FLOAT32", [0, 0, 0]);
  const found = await index.nearest(nearestRequest({ query: zero }));
  expect([...found.ids]).toEqual([0, 1]);
  expect([...found.distances]).toEqual([1, 1]);
});

test.each(metrics)(
  "%s: values whose squares leave the doubles lose no document",
  async (metric) => {
    const index = engine.create(vectorParameters({ type: "FLOAT64", metric, dimensions: 2 }));
    const rows = [
      [1e300, -1e300],
      [-1e300, 1e300],
      [1, 2],
    ];
    rows.forEach((row, id) => {
      index.add(id, encodeVector("FLOAT64", row));
    });
    const query = encodeVector("FLOAT64", [1e300, 1e300]);
    const found = await index.nearest(nearestRequest({ query, k: 3 }));
    expect([...found.ids].sort()).toEqual([0, 1, 2]);
    expect(found.distances.some(Number.isNaN)).toBe(false);
    index.close();
  },
);

test("a large scan gives one ordered answer", async () => {
  const random = seededRandom(7);
  const parameters = vectorParameters({ dimensions: 64 });
  const index = engine.create(parameters);
  const oracle = new Oracle(parameters);
  for (let id = 0; id < 30_000; id += 1) {
    const vector = randomVector(random, 64);
    index.add(id, vector);
    oracle.add(id, vector);
  }
  const query = randomVector(random, 64);
  for (const filter of [null, bitmapOf(evenly(30_000, 3)), bitmapOf(evenly(30_000, 40))]) {
    const found = await index.nearest(nearestRequest({ query, k: 50, filter }));
    const expected = oracle.ordered(query, filter).slice(0, 50);
    expect([...found.ids]).toEqual(expected.map((neighbor) => neighbor.id));
    expect(found.method).toBe("exact");
  }
  index.close();
});

test("FLOAT64 vectors too short to have a direction are at cosine 0, as the zero vector is", async () => {
  const index = engine.create(
    vectorParameters({ type: "FLOAT64", metric: "COSINE", dimensions: 2 }),
  );
  index.add(0, encodeVector("FLOAT64", [0, 4.6e-162]));
  index.add(1, encodeVector("FLOAT64", [0, 0]));
  index.add(2, encodeVector("FLOAT64", [1e-149, 0]));
  const tiny = encodeVector("FLOAT64", [4.6e-162, 0]);
  expect([...(await index.nearest(nearestRequest({ query: tiny }))).distances]).toEqual([1, 1, 1]);
  const short = encodeVector("FLOAT64", [1e-149, 0]);
  const found = await index.nearest(nearestRequest({ query: short }));
  expect([...found.ids]).toEqual([2, 0, 1]);
  expect([...found.distances]).toEqual([0, 1, 1]);
});

test.each(types)(
  "%s: what is measured here and by the kernel is equal to the bit",
  async (type) => {
    const random = seededRandom(23);
    const coordinateOf = () =>
      type === "INT8" || type === "UINT8" ? Math.floor(random() * 128) : random() * 3 - 1;
    for (const metric of metrics) {
      for (const dimensions of [1, 15, 16, 100, 384]) {
        const vectorOf = () =>
          encodeVector(
            type,
            Array.from({ length: dimensions }, () => coordinateOf()),
          );
        const index = engine.create(vectorParameters({ type, metric, dimensions }));
        const vectors = Array.from({ length: 20 }, vectorOf);
        vectors.forEach((vector, id) => {
          index.add(id, vector);
        });
        const query = vectorOf();
        const found = await index.nearest(nearestRequest({ query, k: 20 }));
        const measured = vectors.map((vector, id) => ({
          id,
          distance: exactDistance(
            metric,
            measuredVector(decodeVector(type, query)),
            measuredVector(decodeVector(type, vector)),
          ),
        }));
        measured.sort((left, right) => left.distance - right.distance || left.id - right.id);
        expect([...found.ids]).toEqual(measured.map(({ id }) => id));
        expect([...found.distances]).toEqual(measured.map(({ distance }) => distance));
        index.close();
      }
    }
  },
);
