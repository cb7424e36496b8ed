/**
 * `npm run dataset -- build`: JSON lines with a "text" each → a dataset folder with embeddings.
 *
 * Embeddings are appended to `embeddings.partial` batch by batch; killed half way, the same command
 * goes on behind the last whole row. At the end the rows are parted into documents and held-out
 * queries, exact neighbors are computed, and the partial file goes. Input that changed is noticed.
 */
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { ProgressBar } from "../progress-bar.ts";
import { EMBEDDING_DIMENSIONS, openEmbedder } from "./embedder.ts";
import { type JsonRecord, readJsonLines, textOf, writeJsonLines } from "./json-lines.ts";
import { writeNpy } from "./npy.ts";
import { writeTruth } from "./sample.ts";

const BATCH_COUNT = 16;
const ROW_BYTES = EMBEDDING_DIMENSIONS * 4;
const QUERY_SHARE = 50;
const QUERIES_MAX = 500;

export interface BuildOptions {
  readonly input: string;
  readonly output: string;
  readonly modelFolder: string | undefined;
  readonly queryCount: number | undefined;
}

export async function buildDataset(options: BuildOptions): Promise<void> {
  if (!existsSync(options.input)) throw new Error(`${options.input}: no such file`);
  const records = [...readJsonLines(options.input)];
  const texts = records.map((record, index) => requireText(record, index, options.input));
  if (texts.length < 2) throw new Error(`${options.input}: a dataset needs two lines or more`);
  mkdirSync(options.output, { recursive: true });
  await embedAll(texts, options);
  const all = readPartial(options.output, texts.length);
  writeFolder(options, records, all);
  rmSync(partialPath(options.output));
  rmSync(statePath(options.output));
}

function requireText(record: JsonRecord, index: number, input: string): string {
  const text = textOf(record, "text");
  if (text === "") throw new Error(`${input}, record ${index + 1}: no "text"`);
  return text;
}

async function embedAll(texts: readonly string[], options: BuildOptions): Promise<void> {
  const path = partialPath(options.output);
  const done = resumeAt(options, texts);
  if (done >= texts.length) return;
  const embedder = await openEmbedder(options.modelFolder);
  const bar = new ProgressBar("embedding", texts.length, "texts", done);
  const descriptor = openSync(path, "a");
  try {
    for (let start = done; start < texts.length; start += BATCH_COUNT) {
      const batch = texts.slice(start, start + BATCH_COUNT);
      const vectors = await embedder.embed(batch);
      writeSync(descriptor, new Uint8Array(vectors.buffer));
      bar.set(start + batch.length);
    }
  } finally {
    closeSync(descriptor);
  }
  bar.finish();
}

/** Rows that an earlier run has embedded; a half-written row is cut off. */
function resumeAt(options: BuildOptions, texts: readonly string[]): number {
  const { output } = options;
  const digest = createHash("sha256").update(texts.join("\0")).digest("hex");
  const isSame =
    existsSync(statePath(output)) && readFileSync(statePath(output), "utf8") === digest;
  if (!isSame) {
    if (existsSync(statePath(output))) console.log("the input has changed: starting again");
    writeFileSync(partialPath(output), "");
    writeFileSync(statePath(output), digest);
    return 0;
  }
  const rowCount = Math.floor(statSync(partialPath(output)).size / ROW_BYTES);
  truncateSync(partialPath(output), rowCount * ROW_BYTES);
  if (rowCount > 0) console.log(`going on behind ${rowCount} texts of an earlier run`);
  return rowCount;
}

function readPartial(output: string, rowCount: number): Float32Array<ArrayBuffer> {
  const bytes = readFileSync(partialPath(output));
  if (bytes.length !== rowCount * ROW_BYTES) throw new Error("the partial embeddings are damaged");
  return new Float32Array(new Uint8Array(bytes).buffer);
}

/** Every n-th record is held out as a query, so that queries spread over the input. */
function writeFolder(
  options: BuildOptions,
  records: readonly JsonRecord[],
  all: Float32Array<ArrayBuffer>,
): void {
  const wanted =
    options.queryCount ?? Math.min(QUERIES_MAX, Math.ceil(records.length / QUERY_SHARE));
  const queryCount = Math.max(1, Math.min(wanted, records.length - 1));
  const step = records.length / queryCount;
  const held = new Set(Array.from({ length: queryCount }, (_, index) => Math.floor(index * step)));
  const isQuery = (row: number): boolean => held.has(row);
  const path = (name: string): string => join(options.output, name);
  writeJsonLines(
    path("passages.jsonl"),
    records.filter((_, row) => !isQuery(row)),
  );
  writeJsonLines(
    path("queries.jsonl"),
    records.filter((_, row) => isQuery(row)),
  );
  const rows = records.map((_, row) => row);
  const vectors = gather(
    all,
    rows.filter((row) => !isQuery(row)),
  );
  const queries = gather(all, rows.filter(isQuery));
  writeNpy(path("vectors.npy"), vectors, EMBEDDING_DIMENSIONS);
  writeNpy(path("queries.npy"), queries, EMBEDDING_DIMENSIONS);
  const shape = { metric: "COSINE", dimensions: EMBEDDING_DIMENSIONS } as const;
  writeTruth(options.output, shape, vectors, queries);
  console.log(`${options.output}: ${records.length - queryCount} documents, ${queryCount} queries`);
}

function gather(all: Float32Array, rows: readonly number[]): Float32Array<ArrayBuffer> {
  const gathered = new Float32Array(rows.length * EMBEDDING_DIMENSIONS);
  for (const [index, row] of rows.entries()) {
    const start = row * EMBEDDING_DIMENSIONS;
    gathered.set(all.subarray(start, start + EMBEDDING_DIMENSIONS), index * EMBEDDING_DIMENSIONS);
  }
  return gathered;
}

function partialPath(output: string): string {
  return join(output, "embeddings.partial");
}

function statePath(output: string): string {
  return join(output, "embeddings.state");
}
