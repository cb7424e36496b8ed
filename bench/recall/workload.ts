/**
 * The work, made once and sent as it is to every server: the index, the documents, the queries of
 * each scenario with the exact answers.
 *
 * Scenarios: no filter; a tag and a range of years as the data has them; a number that is random
 * by row, at 50, 10, 1 and 0.1 %.
 */
import type { Dataset, ExactNeighbors } from "../dataset/dataset.ts";
import { exactDistance, exactNeighbors } from "../dataset/ground-truth.ts";
import { textOf } from "../dataset/json-lines.ts";
import { encodeCommand } from "./connection.ts";

export const K = 10;
export const INDEX = "bench:recall";
const PREFIX = "bench:recall:";
const BUCKETS = 1000;

export interface Scenario {
  readonly name: string;
  readonly share: number;
  readonly filter: string;
  /** The distance of the k-th true neighbor, and the true rows, for each query. */
  readonly truths: readonly Truth[];
}

export interface Truth {
  readonly rows: ReadonlySet<number>;
  readonly farthest: number;
}

/** What is loaded. */
export interface Corpus {
  readonly dataset: Dataset;
  readonly vectors: Float32Array<ArrayBuffer>;
  readonly attributes: readonly Attributes[];
}

export interface Workload extends Corpus {
  readonly queries: Float32Array<ArrayBuffer>;
  readonly queryCount: number;
  readonly scenarios: readonly Scenario[];
}

export interface Attributes {
  readonly tag: string;
  readonly year: number;
  readonly bucket: number;
}

export interface Filter {
  readonly name: string;
  readonly text: string;
  readonly passes: (attributes: Attributes) => boolean;
}

export function readCorpus(dataset: Dataset): Corpus {
  const attributes: Attributes[] = [];
  for (const passage of dataset.passages()) {
    const row = attributes.length;
    attributes.push({
      tag: textOf(passage, "source"),
      year: Number(textOf(passage, "year") || 0),
      bucket: Math.floor((((row * 2_654_435_761) >>> 0) / 2 ** 32) * BUCKETS),
    });
  }
  return { dataset, vectors: dataset.vectors(0, dataset.vectorCount), attributes };
}

export function makeWorkload(dataset: Dataset, queryCount: number): Workload {
  const { vectors, attributes } = readCorpus(dataset);
  const count = Math.min(queryCount, dataset.queryCount);
  const queries = dataset.queries(0, count);
  const scenarios = filtersFor(attributes).map((filter) => {
    const rows: number[] = [];
    attributes.forEach((one, row) => {
      if (filter.passes(one)) rows.push(row);
    });
    const isWhole = rows.length === attributes.length;
    const stored = isWhole ? dataset.neighbors : undefined;
    const truths: Truth[] = [];
    for (let query = 0; query < count; query += 1) {
      truths.push(truthOf(dataset, vectors, queries, query, rows, stored));
    }
    const share = rows.length / attributes.length;
    return { name: filter.name, share, filter: filter.text, truths };
  });
  return { dataset, vectors, queries, queryCount: count, attributes, scenarios };
}

export function createCommand({ dataset }: Corpus, m: number, efConstruction: number): Buffer {
  const { dimensions, metric } = dataset;
  const vector = `vector VECTOR HNSW 10 TYPE FLOAT32 DIM ${dimensions} DISTANCE_METRIC ${metric}`;
  const graph = `M ${m} EF_CONSTRUCTION ${efConstruction}`;
  const schema = `SCHEMA source TAG year NUMERIC bucket NUMERIC ${vector} ${graph}`;
  return encodeCommand(`FT.CREATE ${INDEX} ON HASH PREFIX 1 ${PREFIX} ${schema}`.split(" "));
}

export function documentCommand(corpus: Corpus, row: number): Buffer {
  const { tag, year, bucket } = corpus.attributes[row];
  const fields = ["source", tag || "none", "year", String(year), "bucket", String(bucket)];
  const blob = rowBytes(corpus.vectors, row, corpus.dataset.dimensions);
  return encodeCommand(["HSET", `${PREFIX}${row}`, ...fields, "vector", blob]);
}

export function queryCommand(
  workload: Workload,
  scenario: Scenario,
  query: number,
  ef: number,
): Buffer {
  const text = `${scenario.filter}=>[KNN ${K} @vector $v EF_RUNTIME $ef AS d]`;
  const blob = rowBytes(workload.queries, query, workload.dataset.dimensions);
  return encodeCommand([
    ...["FT.SEARCH", INDEX, text, "PARAMS", "4", "v", blob, "ef", String(ef)],
    ...["RETURN", "1", "d", "SORTBY", "d", "LIMIT", "0", String(K), "DIALECT", "2"],
  ]);
}

/** How many of the found are among the true ones, or as near (doubles of a text are common). */
export function hitsIn(reply: unknown, truth: Truth): number {
  if (!Array.isArray(reply)) throw new Error(`not a search's reply: ${String(reply)}`);
  const found = new Set<number>();
  const slack = 1e-6 * Math.max(1, Math.abs(truth.farthest));
  for (let place = 1; place + 1 < reply.length; place += 2) {
    const row = Number(String(reply[place]).slice(PREFIX.length));
    const fields: unknown = reply[place + 1];
    const distance = Array.isArray(fields) ? Number(fields[1]) : Number.NaN;
    if (truth.rows.has(row) || distance <= truth.farthest + slack) found.add(row);
  }
  return Math.min(found.size, truth.rows.size);
}

export function filtersFor(attributes: readonly Attributes[]): Filter[] {
  const filters: Filter[] = [{ name: "all", text: "*", passes: () => true }];
  const tag = valueNearestTo(0.14, attributes, (one) => one.tag);
  if (tag !== "") {
    const passes = (one: Attributes) => one.tag === tag;
    filters.push({ name: `tag ${tag}`, text: `(@source:{${tag}})`, passes });
  }
  const year = Number(valueNearestTo(0.1, attributes, (one) => String(one.year || "")));
  if (year > 0) {
    const passes = (one: Attributes) => one.year === year;
    filters.push({ name: `year ${year}`, text: `(@year:[${year} ${year}])`, passes });
  }
  for (const percent of [50, 10, 1, 0.1]) {
    const end = Math.round((percent / 100) * BUCKETS) - 1;
    const passes = (one: Attributes) => one.bucket <= end;
    filters.push({ name: `random ${percent} %`, text: `(@bucket:[0 ${end}])`, passes });
  }
  return filters;
}

function valueNearestTo(
  share: number,
  attributes: readonly Attributes[],
  readOf: (one: Attributes) => string,
): string {
  const counts = new Map<string, number>();
  for (const one of attributes) counts.set(readOf(one), (counts.get(readOf(one)) ?? 0) + 1);
  counts.delete("");
  let best = "";
  let bestGap = Number.POSITIVE_INFINITY;
  for (const [value, count] of counts) {
    const gap = Math.abs(count / attributes.length - share);
    if (gap >= bestGap || !/^[a-z0-9]+$/i.test(value)) continue;
    best = value;
    bestGap = gap;
  }
  return best;
}

function truthOf(
  dataset: Dataset,
  vectors: Float32Array,
  queries: Float32Array,
  query: number,
  rows: readonly number[],
  stored: ExactNeighbors | undefined,
): Truth {
  const { dimensions, metric } = dataset;
  const values = queries.subarray(query * dimensions, (query + 1) * dimensions);
  const nearest =
    stored !== undefined && stored.perQuery >= K
      ? [...stored.rows.subarray(query * stored.perQuery, query * stored.perQuery + K)]
      : [...exactNeighbors({ metric, dimensions, vectors, query: values, k: K, rows }).rows];
  const last = nearest[nearest.length - 1] ?? 0;
  const farthest = exactDistance(metric, vectors, last * dimensions, values);
  return { rows: new Set(nearest), farthest };
}

export function rowBytes(
  values: Float32Array<ArrayBuffer>,
  row: number,
  dimensions: number,
): Buffer {
  const start = values.byteOffset + row * dimensions * 4;
  return Buffer.from(values.buffer, start, dimensions * 4);
}
