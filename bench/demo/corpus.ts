/**
 * The sample in memory and in the server: keys, fields, the index, and the exact answers.
 */
import { type Dataset, openDatasetFolder } from "../dataset/dataset.ts";
import { exactDistance, exactNeighbors } from "../dataset/ground-truth.ts";
import { type JsonRecord, textOf } from "../dataset/json-lines.ts";
import { ProgressBar } from "../progress-bar.ts";
import type { DemoClient } from "./client.ts";

export const INDEX = "idx:passages";
export const PREFIX = "passage:";
const TEXT_FIELDS = ["id", "source", "doc", "title", "section", "status", "kind", "year", "text"];
const IN_FLIGHT_MAX = 256;

export class Corpus {
  readonly dataset: Dataset;
  readonly passages: readonly JsonRecord[];
  readonly vectors: Float32Array<ArrayBuffer>;
  readonly queries: readonly Float32Array<ArrayBuffer>[];

  constructor(folder: string) {
    this.dataset = openDatasetFolder(folder);
    this.passages = [...this.dataset.passages()];
    this.vectors = this.dataset.vectors(0, this.dataset.vectorCount);
    const { dimensions, queryCount } = this.dataset;
    const all = this.dataset.queries(0, queryCount);
    this.queries = Array.from({ length: queryCount }, (_, index) =>
      all.slice(index * dimensions, (index + 1) * dimensions),
    );
  }

  key(row: number): string {
    return `${PREFIX}${row}`;
  }

  embedding(row: number): Buffer {
    const { dimensions } = this.dataset;
    const vector = this.vectors.slice(row * dimensions, (row + 1) * dimensions);
    return Buffer.from(vector.buffer);
  }

  /** The hash as it is stored, flat. */
  fields(row: number): (string | Buffer)[] {
    const pairs: (string | Buffer)[] = [];
    for (const field of TEXT_FIELDS) pairs.push(field, textOf(this.passages[row], field));
    pairs.push("embedding", this.embedding(row));
    return pairs;
  }

  async load(client: DemoClient): Promise<void> {
    const bar = new ProgressBar("loading", this.passages.length, "passages");
    const inFlight = new Set<Promise<unknown>>();
    for (let row = 0; row < this.passages.length; row += 1) {
      const sent = client
        .sendCommand(["HSET", this.key(row), ...this.fields(row)])
        .then(() => bar.advance(1))
        .finally(() => inFlight.delete(sent));
      inFlight.add(sent);
      if (inFlight.size >= IN_FLIGHT_MAX) await Promise.race(inFlight);
    }
    await Promise.all(inFlight);
    bar.finish();
  }

  async createIndex(client: DemoClient): Promise<void> {
    const vector = ["TYPE", "FLOAT32", "DIM", String(this.dataset.dimensions)];
    const schema = [
      ...["title", "TEXT", "section", "TEXT", "text", "TEXT", "source", "TAG", "doc", "TAG"],
      ...["status", "TAG", "kind", "TAG", "year", "NUMERIC"],
      ...["embedding", "VECTOR", "HNSW", "6", ...vector, "DISTANCE_METRIC", "COSINE"],
    ];
    const create = ["FT.CREATE", INDEX, "ON", "HASH", "PREFIX", "1", PREFIX, "SCHEMA"];
    await client.sendCommand([...create, ...schema]);
  }

  /** Rows of the exact answer, among those that pass. */
  nearest(query: Float32Array, k: number, passes?: (passage: JsonRecord) => boolean): number[] {
    const { metric, dimensions } = this.dataset;
    const { vectors } = this;
    const rows = passes === undefined ? undefined : this.rowsThat(passes);
    const request = { metric, dimensions, vectors, query, k };
    const truth = exactNeighbors(rows === undefined ? request : { ...request, rows });
    return [...truth.rows];
  }

  rowsThat(passes: (passage: JsonRecord) => boolean): number[] {
    const rows: number[] = [];
    for (const [row, record] of this.passages.entries()) if (passes(record)) rows.push(row);
    return rows;
  }

  distance(row: number, query: Float32Array): number {
    const { metric, dimensions } = this.dataset;
    return exactDistance(metric, this.vectors, row * dimensions, query);
  }
}
