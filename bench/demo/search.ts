/**
 * The demo's searches: as any client sends them, judged against the exact answers.
 */
import { recallOf } from "../dataset/ground-truth.ts";
import type { JsonRecord } from "../dataset/json-lines.ts";
import type { DemoClient } from "./client.ts";
import { type Corpus, INDEX, PREFIX } from "./corpus.ts";
import type { FoundPassage } from "./terminal.ts";

const IN_FLIGHT = 8;
/** Distances nearer to the radius than this may fall on either side in float32. */
const RADIUS_TOLERANCE = 1e-5;

export interface Found {
  readonly total: number;
  readonly keys: readonly string[];
  readonly documents: readonly ReadonlyMap<string, string>[];
}

export async function search(
  client: DemoClient,
  query: string,
  vector: Float32Array<ArrayBuffer>,
  returned: readonly string[],
  more: readonly string[] = [],
): Promise<Found> {
  const reply: unknown = await client.sendCommand([
    ...["FT.SEARCH", INDEX, query, "PARAMS", "2", "vector", Buffer.from(vector.buffer)],
    ...["RETURN", String(returned.length), ...returned, ...more, "DIALECT", "2"],
  ]);
  if (!Array.isArray(reply)) throw new Error(`FT.SEARCH answered ${String(reply)}`);
  const keys: string[] = [];
  const documents: Map<string, string>[] = [];
  for (let index = 1; index < reply.length; index += returned.length === 0 ? 1 : 2) {
    keys.push(String(reply[index]));
    if (returned.length > 0) documents.push(pairsOf(reply[index + 1]));
  }
  return { total: Number(reply[0]), keys, documents };
}

function pairsOf(flat: unknown): Map<string, string> {
  const pairs = new Map<string, string>();
  if (!Array.isArray(flat)) return pairs;
  for (let index = 0; index + 1 < flat.length; index += 2) {
    pairs.set(String(flat[index]), String(flat[index + 1]));
  }
  return pairs;
}

export function foundPassages(found: Found): FoundPassage[] {
  return found.documents.map((document) => ({
    score: document.get("score") ?? "",
    source: document.get("id") ?? "",
    title: document.get("title") ?? "",
    section: document.get("section") ?? "",
    text: document.get("text") ?? "",
  }));
}

export function rowsOf(found: Found): number[] {
  return found.keys.map((key) => Number(key.slice(PREFIX.length)));
}

export interface Figures {
  readonly recall: number;
  readonly queriesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers with fewer than `k` documents although `k` match. */
  readonly shortCount: number;
}

/** KNN 10 for every query of the sample, a few in flight. */
export async function measureNearest(
  client: DemoClient,
  corpus: Corpus,
  filter: { readonly text: string; readonly passes?: (passage: JsonRecord) => boolean },
  efRuntime: number,
  queryCount = corpus.queries.length,
): Promise<Figures> {
  const query = `${filter.text}=>[KNN 10 @embedding $vector EF_RUNTIME ${efRuntime} AS score]`;
  const latencies: number[] = [];
  const rows: number[][] = new Array(queryCount);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next; index < queryCount; index = next) {
      next += 1;
      const startedAt = performance.now();
      const found = await search(client, query, corpus.queries[index], ["score"]);
      latencies.push(performance.now() - startedAt);
      rows[index] = rowsOf(found);
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  const seconds = (performance.now() - startedAt) / 1000;
  let recall = 0;
  let shortCount = 0;
  for (let index = 0; index < queryCount; index += 1) {
    const truth = corpus.nearest(corpus.queries[index], 10, filter.passes);
    recall += recallOf(rows[index], truth, 10);
    if (rows[index].length < truth.length) shortCount += 1;
  }
  latencies.sort((left, right) => left - right);
  return {
    recall: recall / queryCount,
    queriesPerSecond: queryCount / seconds,
    p50Ms: latencies[Math.floor(latencies.length * 0.5)],
    p99Ms: latencies[Math.floor(latencies.length * 0.99)],
    shortCount,
  };
}

/** Whether a range query found exactly what lies within the radius. */
export async function rangeIsExact(
  client: DemoClient,
  corpus: Corpus,
  query: Float32Array<ArrayBuffer>,
  radius: number,
): Promise<{ readonly isExact: boolean; readonly count: number }> {
  const text = `@embedding:[VECTOR_RANGE ${radius} $vector]=>{$YIELD_DISTANCE_AS: score}`;
  const found = await search(client, text, query, ["score"], ["LIMIT", "0", "10000"]);
  const rows = new Set(rowsOf(found));
  let isExact = found.total === rows.size;
  for (let row = 0; row < corpus.passages.length; row += 1) {
    const distance = corpus.distance(row, query);
    if (Math.abs(distance - radius) < RADIUS_TOLERANCE) continue;
    if (rows.has(row) !== distance < radius) isExact = false;
  }
  return { isExact, count: found.total };
}

/** FT.INFO's pairs by name. */
export async function indexInformation(client: DemoClient): Promise<ReadonlyMap<string, string>> {
  return pairsOf(await client.sendCommand(["FT.INFO", INDEX]));
}
