/**
 * ann-benchmarks' HDF5 files (`train`, `test`, `neighbors`, `distances`; attribute `distance`)
 * through h5wasm. Rows are read in slices; the file itself is not loaded.
 */
import { basename } from "node:path";
import { Dataset as H5Dataset, File as H5File, ready } from "h5wasm/node";
import type { DistanceMetric } from "../../src/vector/vector-index.ts";
import type { Dataset, DatasetOptions, ExactNeighbors } from "./dataset.ts";
import type { JsonRecord } from "./json-lines.ts";

const metricNames = new Map<string, DistanceMetric>([
  ["angular", "COSINE"],
  ["cosine", "COSINE"],
  ["euclidean", "L2"],
  ["ip", "IP"],
  ["dot", "IP"],
]);

export async function openHdf5Dataset(path: string, options: DatasetOptions): Promise<Dataset> {
  await ready;
  const file = new H5File(path, "r");
  const train = matrix(file, path, "train");
  const test = matrix(file, path, "test");
  const vectorCount = Math.min(train.rowCount, options.limit ?? train.rowCount);
  const isWhole = vectorCount === train.rowCount;
  return {
    name: basename(path).replace(/\.(hdf5|h5)$/, ""),
    metric: options.metric ?? metricOf(file, path),
    dimensions: train.columnCount,
    vectorCount,
    queryCount: test.rowCount,
    vectors: (start, count) =>
      Float32Array.from(train.read(start, Math.min(count, vectorCount - start))),
    queries: (start, count) => Float32Array.from(test.read(start, count)),
    neighbors: isWhole ? readNeighbors(file, path) : undefined,
    passages: () => emptyRecords(vectorCount),
    queryRecords: () => emptyRecords(test.rowCount),
    close() {
      file.close();
    },
  };
}

interface Matrix {
  readonly rowCount: number;
  readonly columnCount: number;
  read(start: number, count: number): ArrayLike<number>;
}

function matrix(file: H5File, path: string, name: string): Matrix {
  const found = file.get(name);
  if (!(found instanceof H5Dataset)) throw new Error(`${path}: no dataset named ${name}`);
  const shape = found.shape ?? [];
  if (shape.length !== 2) throw new Error(`${path}: ${name} is not a matrix`);
  return {
    rowCount: shape[0],
    columnCount: shape[1],
    read(start, count) {
      const end = Math.min(shape[0], start + Math.max(0, count));
      if (end <= start) return [];
      const values: unknown = found.slice([
        [start, end],
        [0, shape[1]],
      ]);
      return numbersOf(values, `${path}: ${name}`);
    },
  };
}

function numbersOf(values: unknown, place: string): ArrayLike<number> {
  if (values instanceof Float32Array || values instanceof Int32Array) return values;
  if (values instanceof Float64Array || values instanceof Uint32Array) return values;
  if (values instanceof BigInt64Array) return Array.from(values, Number);
  throw new Error(`${place} does not hold numbers of a known type`);
}

function readNeighbors(file: H5File, path: string): ExactNeighbors | undefined {
  const names = file.keys();
  if (!names.includes("neighbors") || !names.includes("distances")) return undefined;
  const rows = matrix(file, path, "neighbors");
  const distances = matrix(file, path, "distances");
  return {
    perQuery: rows.columnCount,
    rows: Int32Array.from(rows.read(0, rows.rowCount)),
    distances: Float32Array.from(distances.read(0, distances.rowCount)),
  };
}

function metricOf(file: H5File, path: string): DistanceMetric {
  const name = file.attrs["distance"]?.value;
  const metric = metricNames.get(String(name));
  if (metric === undefined) throw new Error(`${path}: distance '${String(name)}' is not known`);
  return metric;
}

function* emptyRecords(count: number): Generator<JsonRecord> {
  for (let row = 0; row < count; row += 1) yield {};
}
