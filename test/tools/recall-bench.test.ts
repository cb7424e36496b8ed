/** The parts of the recall bench that decide what its figures mean. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openDataset } from "../../bench/dataset/dataset.ts";
import { writeJsonLines } from "../../bench/dataset/json-lines.ts";
import { writeNpy } from "../../bench/dataset/npy.ts";
import { readOptions } from "../../bench/recall/options.ts";
import { plotSvg } from "../../bench/recall/report.ts";
import { hitsIn, makeWorkload } from "../../bench/recall/workload.ts";

const folder = mkdtempSync(join(tmpdir(), "lodestone-recall-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a workload has the exact answers of every scenario", async () => {
  const count = 2_000;
  const vectors = Float32Array.from({ length: count * 2 }, (_, at) =>
    at % 2 === 0 ? Math.cos(at / 900) : Math.sin((at - 1) / 900),
  );
  writeNpy(join(folder, "vectors.npy"), vectors, 2);
  writeNpy(join(folder, "queries.npy"), Float32Array.of(1, 0, 0, 1), 2);
  const sources = ["a", "b", "c", "d", "e", "f", "g"];
  writeJsonLines(
    join(folder, "passages.jsonl"),
    Array.from({ length: count }, (_, row) => ({ source: sources[row % 7], year: 2000 })),
  );
  const dataset = await openDataset(folder);
  const workload = makeWorkload(dataset, 10);
  expect(workload.queryCount).toBe(2);
  const shares = new Map(workload.scenarios.map((one) => [one.name.split(" ")[0], one.share]));
  expect(shares.get("all")).toBe(1);
  expect(shares.get("tag")).toBeCloseTo(1 / 7, 2);
  const random = workload.scenarios.filter((one) => one.name.startsWith("random"));
  expect(random.slice(0, 3).map((one) => Math.round(one.share * 100))).toEqual([50, 10, 1]);
  expect(random[3].share).toBeLessThan(0.003);
  expect([...workload.scenarios[0].truths[0].rows].sort((a, b) => a - b)).toEqual([
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
  ]);
  const tag = workload.scenarios[1];
  const letter = tag.name.split(" ")[1];
  for (const row of tag.truths[0].rows) expect(sources[row % 7]).toBe(letter);
  dataset.close();
});

test("a hit is a true neighbor, or a document as near as the last of them", () => {
  const truth = { rows: new Set([3, 4]), farthest: 0.5 };
  const reply = (...rows: [number, string][]) => [
    rows.length,
    ...rows.flatMap(([row, distance]) => [`bench:recall:${row}`, ["d", distance]]),
  ];
  expect(hitsIn(reply([3, "0.1"], [4, "0.5"]), truth)).toBe(2);
  expect(hitsIn(reply([3, "0.1"], [9, "0.5"]), truth)).toBe(2);
  expect(hitsIn(reply([3, "0.1"], [9, "0.6"]), truth)).toBe(1);
  expect(hitsIn(reply([3, "0.1"], [3, "0.1"]), truth)).toBe(1);
  expect(() => hitsIn("OK", truth)).toThrow("not a search's reply");
});

test("options are read and refused by name", () => {
  const options = readOptions(["--dataset", "d", "--ef", "10,99", "--limit", "5"]);
  expect([options.ef, options.limit, options.peer]).toEqual([[10, 99], 5, undefined]);
  expect(() => readOptions([])).toThrow("--dataset is missing");
  expect(() => readOptions(["--dataset", "d", "--clients", "none"])).toThrow("--clients none");
});

test("the plot is an SVG with one line for each series", () => {
  const point = { share: 1, p50Ms: 1, p99Ms: 2, short: 0, generatorShare: 0.1 };
  const at = (target: string, scenario: string, ef: number, recall: number, rate: number) => ({
    ...point,
    ...{ target, scenario, ef, recall, queriesPerSecond: rate },
  });
  const svg = plotSvg({
    ...{ dataset: "<d>", documents: 1, dimensions: 2, metric: "L2", clients: 1, loads: {} },
    queries: [
      at("lodestone", "all", 10, 0.9, 5000),
      at("lodestone", "all", 20, 0.95, 3000),
      at("peer", "all", 10, 0.92, 900),
    ],
  });
  expect(svg.match(/<polyline /g)?.length).toBe(2);
  expect(svg.match(/<circle /g)?.length).toBe(3);
  expect(svg).toContain("&lt;d>");
  expect(svg).not.toContain("NaN");
});
