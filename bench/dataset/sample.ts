/**
 * `npm run dataset -- sample`: a small dataset of whole documents out of a large one.
 *
 * Documents (records with the same `doc`) are taken whole, in an order that a hash of their names
 * gives, so that the same source always gives the same sample; each `source` gets its share. Exact
 * neighbors are computed again, over what was taken. Vectors are stored as float16.
 */

import { createHash } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ProgressBar } from "../progress-bar.ts";
import { type Dataset, openDatasetFolder } from "./dataset.ts";
import { exactNeighbors } from "./ground-truth.ts";
import { type JsonRecord, textOf, writeJsonLines } from "./json-lines.ts";
import { NpyWriter, writeNpy } from "./npy.ts";

const NEIGHBOR_COUNT = 100;

export interface SampleOptions {
  readonly source: string;
  readonly output: string;
  readonly passageCountMax: number;
  readonly queryCountMax: number;
}

export function buildSample(options: SampleOptions): void {
  const dataset = openDatasetFolder(options.source);
  const passages = [...dataset.passages()];
  const rows = chooseRows(passages, options.passageCountMax);
  const queryRows = chooseQueries([...dataset.queryRecords()], passages, rows, options);
  mkdirSync(options.output, { recursive: true });
  const path = (name: string): string => join(options.output, name);
  writeJsonLines(
    path("passages.jsonl"),
    rows.map((row) => passages[row]),
  );
  const queryRecords = [...dataset.queryRecords()];
  writeJsonLines(
    path("queries.jsonl"),
    queryRows.map((row) => queryRecords[row]),
  );
  const vectors = gather(dataset, rows, "vectors");
  const queries = gather(dataset, queryRows, "queries");
  writeHalves(path("vectors.npy"), vectors, dataset.dimensions);
  writeHalves(path("queries.npy"), queries, dataset.dimensions);
  writeTruth(options.output, dataset, vectors, queries);
  dataset.close();
  console.log(`${options.output}: ${rows.length} passages, ${queryRows.length} queries`);
}

/** Rows of whole documents, ascending. */
function chooseRows(passages: readonly JsonRecord[], countMax: number): number[] {
  const documents = new Map<string, number[]>();
  for (const [row, passage] of passages.entries()) {
    const name = textOf(passage, "doc");
    const rows = documents.get(name);
    if (rows === undefined) documents.set(name, [row]);
    else rows.push(row);
  }
  const names = [...documents.keys()].sort((left, right) => compare(hashOf(left), hashOf(right)));
  const share = countMax / passages.length;
  const totals = countBy(passages.map((passage) => textOf(passage, "source")));
  const taken = new Map<string, number>();
  const chosen: number[] = [];
  for (const name of names) {
    const rows = documents.get(name) ?? [];
    const source = textOf(passages[rows[0]], "source");
    const after = (taken.get(source) ?? 0) + rows.length;
    if (after > (totals.get(source) ?? 0) * share) continue;
    taken.set(source, after);
    chosen.push(...rows);
  }
  return chosen.sort((left, right) => left - right);
}

/** Headings whose relevant passages were all taken, then held-out passages, alternating. */
function chooseQueries(
  queries: readonly JsonRecord[],
  passages: readonly JsonRecord[],
  rows: readonly number[],
  options: SampleOptions,
): number[] {
  const ids = new Set(rows.map((row) => textOf(passages[row], "id")));
  const headings: number[] = [];
  const others: number[] = [];
  for (const [row, query] of queries.entries()) {
    const relevant = Array.isArray(query["relevant"]) ? query["relevant"].map(String) : [];
    if (query["kind"] !== "heading") others.push(row);
    else if (relevant.length > 0 && relevant.every((id) => ids.has(id))) headings.push(row);
  }
  const left = Math.max(0, options.queryCountMax - headings.length);
  const order = others.sort((a, b) => compare(hashOf(`q${a}`), hashOf(`q${b}`))).slice(0, left);
  return [...headings.slice(0, options.queryCountMax), ...order].sort((a, b) => a - b);
}

function gather(
  dataset: Dataset,
  rows: readonly number[],
  what: "vectors" | "queries",
): Float32Array<ArrayBuffer> {
  const gathered = new Float32Array(rows.length * dataset.dimensions);
  for (const [index, row] of rows.entries()) {
    const vector = what === "vectors" ? dataset.vectors(row, 1) : dataset.queries(row, 1);
    gathered.set(vector, index * dataset.dimensions);
  }
  return gathered;
}

function writeHalves(path: string, values: Float32Array<ArrayBuffer>, columnCount: number): void {
  const writer = new NpyWriter(path, "float16", columnCount);
  writer.append(values);
  writer.close();
}

/** `neighbors.npy` and `distances.npy` of a folder whose vectors and queries are these. */
export function writeTruth(
  folder: string,
  dataset: Pick<Dataset, "metric" | "dimensions">,
  vectors: Float32Array<ArrayBuffer>,
  queries: Float32Array<ArrayBuffer>,
): void {
  const { dimensions, metric } = dataset;
  const queryCount = queries.length / dimensions;
  const perQuery = Math.min(NEIGHBOR_COUNT, vectors.length / dimensions);
  const rows = new Int32Array(queryCount * perQuery);
  const distances = new Float32Array(queryCount * perQuery);
  const bar = new ProgressBar("exact neighbors", queryCount);
  for (let index = 0; index < queryCount; index += 1) {
    const query = queries.subarray(index * dimensions, (index + 1) * dimensions);
    const truth = exactNeighbors({ metric, dimensions, vectors, query, k: perQuery });
    rows.set(truth.rows, index * perQuery);
    distances.set(truth.distances, index * perQuery);
    bar.advance(1);
  }
  bar.finish();
  for (const name of ["neighbors.npy", "distances.npy"])
    rmSync(join(folder, name), { force: true });
  writeNpy(join(folder, "neighbors.npy"), rows, perQuery);
  writeNpy(join(folder, "distances.npy"), distances, perQuery);
}

function countBy(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function hashOf(name: string): string {
  return createHash("sha256").update(name).digest("hex");
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
