/**
 * The kernel's bench as a program: the data it makes, the truth it holds engines against, and the
 * report it writes.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDataset } from "../../bench/dataset/dataset.ts";
import { exactNeighbors } from "../../bench/dataset/ground-truth.ts";
import { kernelWords } from "../../bench/kernel/options.ts";

const run = promisify(execFile);
const makefile = fileURLToPath(new URL("../../bench/kernel", import.meta.url));
const out = fileURLToPath(new URL("../../node_modules/.cache/kernel-bench", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "lodestone-kernel-bench-test-"));
const vectors = ["--synthetic", "clustered", "--count", "3000", "--dimensions", "40"];

async function bench(...args: string[]): Promise<string> {
  const { stdout } = await run(`${out}/kernel-bench`, kernelWords(args));
  return stdout;
}

beforeAll(async () => {
  await run("make", ["-s", "-C", makefile, `-j${availableParallelism()}`, `OUT=${out}`, "bench"]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("made vectors are the same each time, with their exact neighbors", async () => {
  const made = async (cache: string) => {
    const printed = await bench("dataset", ...vectors, "--cache", join(folder, cache));
    return printed.trim().split("\n").at(-1) ?? "";
  };
  const first = await made("first");
  const second = await made("second");
  for (const name of ["vectors.npy", "queries.npy", "neighbors.npy", "distances.npy"]) {
    expect(readFileSync(join(first, name)).equals(readFileSync(join(second, name)))).toBe(true);
  }
  const dataset = await openDataset(first);
  const rows = dataset.vectors(0, dataset.vectorCount);
  for (let query = 0; query < 20; query += 1) {
    const truth = exactNeighbors({
      metric: "COSINE",
      dimensions: 40,
      vectors: rows,
      query: dataset.queries(query, 1),
      k: 10,
    });
    const stored = dataset.neighbors?.rows.subarray(query * 100, query * 100 + 10);
    expect([...(stored ?? [])]).toEqual([...truth.rows]);
  }
  dataset.close();
});

test("a comparison writes building and a curve for each engine", async () => {
  const json = join(folder, "compare.json");
  const few = ["--repeat", "1", "--ef", "10,100", "--rotate-to", "64", "--json", json];
  const cache = ["--cache", join(folder, "first")];
  const printed = await bench("compare", ...vectors, ...cache, ...few);
  expect(printed).toContain("queries/s at recall 0.95 over hnswlib");
  const { engines } = JSON.parse(readFileSync(json, "utf8"));
  for (const name of ["lodestone", "hnswlib"]) {
    expect(engines[name].buildSeconds).toBeGreaterThan(0);
    expect(engines[name].curve.map((point: { ef: number }) => point.ef)).toEqual([10, 100]);
    expect(engines[name].curve[1].recall).toBeGreaterThan(0.95);
    expect(engines[name].curve[1].queriesPerSecond).toBeGreaterThan(0);
  }
});

test("a peer that is not there is skipped with a word", async () => {
  const python = ["--symphonyqg", "--python", join(folder, "no-python")];
  const cache = ["--cache", join(folder, "first")];
  const few = ["--engines", "lodestone", "--repeat", "1", "--ef", "10"];
  const printed = await bench(...vectors, ...cache, ...few, ...python);
  expect(printed).toMatch(/symphonyqg: skipped: .* does not run/);
});

test.each([
  ["recall", "least difference to hnswlib"],
  ["threads", "searching at ef 64, 2 threads over 1"],
  ["churn", "live vectors that no walk reaches"],
  ["growth", "fall of queries/s to 3000"],
  ["latency", "p99 while building over idle p99"],
  ["filters", "queries/s over hnswlib, random 10 %"],
])("%s reports its bars", async (command, measure) => {
  const json = join(folder, `${command}.json`);
  const few = ["--repeat", "1", "--json", json, "--cache", join(folder, "first")];
  const own: Record<string, string[]> = {
    churn: ["--rounds", "2"],
    growth: ["--sizes", "500,3000"],
    latency: ["--searches", "200"],
    filters: ["--queries", "20", "--ef", "10,100"],
  };
  await bench(command, ...vectors, ...few, ...(own[command] ?? []));
  const { bars } = JSON.parse(readFileSync(json, "utf8"));
  const names = bars.map((bar: { measure: string }) => bar.measure);
  expect(names.some((name: string) => name.startsWith(measure))).toBe(true);
});
