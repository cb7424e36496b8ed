/**
 * A dataset as every bench and tool sees it: vectors, queries, exact neighbors, attributes.
 *
 * `openDataset` takes a folder (the layout in `datasets/README.md`) or an ann-benchmarks HDF5 file.
 * `limit` keeps the first documents only; the stored neighbors are then not those of what is left,
 * so `neighbors` is undefined and `ground-truth.ts` computes them.
 */
import { existsSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { DistanceMetric } from "../../src/vector/vector-index.ts";
import { type JsonRecord, readJsonLines } from "./json-lines.ts";
import { NpyReader } from "./npy.ts";

export interface ExactNeighbors {
  readonly perQuery: number;
  /** Rows of `vectors`, nearest first, `perQuery` for each query. */
  readonly rows: Int32Array<ArrayBuffer>;
  readonly distances: Float32Array<ArrayBuffer>;
}

export interface Dataset {
  readonly name: string;
  readonly metric: DistanceMetric;
  readonly dimensions: number;
  readonly vectorCount: number;
  readonly queryCount: number;
  /** Rows `start` to `start + count`, cut at the end. */
  vectors(start: number, count: number): Float32Array<ArrayBuffer>;
  queries(start: number, count: number): Float32Array<ArrayBuffer>;
  readonly neighbors: ExactNeighbors | undefined;
  /** The documents' attributes in the rows' order; without any, one empty record for each. */
  passages(): Iterable<JsonRecord>;
  queryRecords(): Iterable<JsonRecord>;
  close(): void;
}

export interface DatasetOptions {
  /** Documents to keep; all when left out. */
  readonly limit?: number;
  /** A folder does not say its metric; the default is COSINE. */
  readonly metric?: DistanceMetric;
}

export async function openDataset(path: string, options: DatasetOptions = {}): Promise<Dataset> {
  if (!existsSync(path)) throw new Error(`${path}: no such dataset`);
  if (statSync(path).isDirectory()) return openDatasetFolder(path, options);
  if (path.endsWith(".hdf5") || path.endsWith(".h5")) {
    const { openHdf5Dataset } = await import("./hdf5.ts");
    return openHdf5Dataset(path, options);
  }
  throw new Error(`${path}: neither a dataset folder nor an .hdf5 file`);
}

export function openDatasetFolder(folder: string, options: DatasetOptions = {}): Dataset {
  const vectors = new NpyReader(requireFile(folder, "vectors.npy"));
  const queries = new NpyReader(requireFile(folder, "queries.npy"));
  if (vectors.columnCount !== queries.columnCount) {
    throw new Error(
      `${folder}: vectors have ${vectors.columnCount} dimensions, queries ${queries.columnCount}`,
    );
  }
  const vectorCount = Math.min(vectors.rowCount, options.limit ?? vectors.rowCount);
  const isWhole = vectorCount === vectors.rowCount;
  return {
    name: basename(folder),
    metric: options.metric ?? "COSINE",
    dimensions: vectors.columnCount,
    vectorCount,
    queryCount: queries.rowCount,
    vectors: (start, count) => vectors.readFloats(start, Math.min(count, vectorCount - start)),
    queries: (start, count) => queries.readFloats(start, count),
    neighbors: isWhole ? readNeighbors(folder, queries.rowCount) : undefined,
    passages: () => records(folder, "passages.jsonl", vectorCount),
    queryRecords: () => records(folder, "queries.jsonl", queries.rowCount),
    close() {
      vectors.close();
      queries.close();
    },
  };
}

function readNeighbors(folder: string, queryCount: number): ExactNeighbors | undefined {
  const rowsPath = join(folder, "neighbors.npy");
  const distancesPath = join(folder, "distances.npy");
  if (!existsSync(rowsPath) || !existsSync(distancesPath)) return undefined;
  const rows = new NpyReader(rowsPath);
  const distances = new NpyReader(distancesPath);
  try {
    return {
      perQuery: rows.columnCount,
      rows: rows.readIntegers(0, queryCount),
      distances: distances.readFloats(0, queryCount),
    };
  } finally {
    rows.close();
    distances.close();
  }
}

function* records(folder: string, name: string, count: number): Generator<JsonRecord> {
  const path = join(folder, name);
  if (existsSync(path)) {
    yield* readJsonLines(path, count);
    return;
  }
  for (let row = 0; row < count; row += 1) yield {};
}

function requireFile(folder: string, name: string): string {
  const path = join(folder, name);
  if (!existsSync(path)) throw new Error(`${folder}: a dataset folder needs ${name}`);
  return path;
}
