/**
 * `npm run bench -- graph-load`: a graph from its file beside building it. The file is written and
 * read as a snapshot's is, on a real disk; keys and values of the keyspace are not part of it, but
 * with `--server` all of a start is.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { systemClock, systemTimers } from "../../src/runtime/clock.ts";
import { systemDisk } from "../../src/runtime/system-disk.ts";
import { Documents } from "../../src/search/document-table.ts";
import { GraphFile } from "../../src/snapshot/graph-file-reader.ts";
import { writeGraphFile } from "../../src/snapshot/graph-file-writer.ts";
import { createVectorEngine, type KernelVectorEngine } from "../../src/vector/vector-engine.ts";
import type { GraphLinks, VectorIndex } from "../../src/vector/vector-index.ts";
import { positiveInteger } from "../option-values.ts";
import { measureServer } from "./server.ts";
import { clusteredVectors } from "./vectors.ts";

const usage = `npm run bench -- graph-load [flags]

  --count N        vectors (1000000)
  --dimensions N   of each (128)
  --threads N      that search, and as many that build (one for each processor)
  --server         a server that is killed behind a snapshot, and started again, instead`;

const VECTORS_PER_SECOND_MIN = 250_000;
const NEAREST = 10;
const ADDS_PER_TURN = 2000;

interface Figures {
  readonly count: number;
  readonly dimensions: number;
  readonly threads: number;
}

export async function runGraphLoad(args: readonly string[]): Promise<void> {
  if (args.includes("--help")) {
    console.log(usage);
    return;
  }
  const { values } = parseArgs({
    args: [...args],
    options: {
      count: { type: "string", default: "1000000" },
      dimensions: { type: "string", default: "128" },
      server: { type: "boolean", default: false },
      threads: { type: "string", default: String(navigator.hardwareConcurrency) },
    },
  });
  const figures = {
    count: positiveInteger("count", values.count),
    dimensions: positiveInteger("dimensions", values.dimensions),
    threads: positiveInteger("threads", values.threads),
  };
  if (values.server) return await measureServer(figures.count, figures.dimensions);
  const folder = mkdtempSync(join(tmpdir(), "lodestone-graph-load-"));
  try {
    await measure(figures, join(folder, "graph"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure({ count, dimensions, threads }: Figures, path: string): Promise<void> {
  const vectors = clusteredVectors(count, dimensions);
  const parts = { clock: systemClock, timers: systemTimers, threadCount: threads };
  const first = createVectorEngine(parts);
  const { index, documents, seconds: buildSeconds } = await built(first, vectors, dimensions);
  report("building", buildSeconds, count);
  const checksum = await index.graphChecksum();
  await dumped(index, documents, path);
  await first.close();

  const second = createVectorEngine(parts);
  const loaded = await load(second, vectors, dimensions, path);
  const isSame = (await loaded.index.graphChecksum())?.whole === checksum?.whole;
  report("loading links, with codes", loaded.seconds, count);
  const rate = count / loaded.seconds;
  console.log(`${(buildSeconds / loaded.seconds).toFixed(1)} times as fast as building`);
  console.log(
    `bar: ${VECTORS_PER_SECOND_MIN} vectors/s, the same graph: ` +
      (isSame && rate >= VECTORS_PER_SECOND_MIN ? "reached" : "MISSED"),
  );
  await second.close();
  if (!isSame) process.exitCode = 1;
}

async function built(engine: KernelVectorEngine, vectors: Buffer, dimensions: number) {
  const index = newIndex(engine, dimensions);
  const documents = new Documents();
  const start = performance.now();
  await addAll(index, vectors, dimensions, () => documents);
  index.seal();
  await index.flush();
  return { index, documents, seconds: (performance.now() - start) / 1000 };
}

async function dumped(index: VectorIndex, documents: Documents, path: string): Promise<void> {
  const start = performance.now();
  let stoodStillMs = 0;
  index.seal();
  const dump = linksOf(index).dump();
  // What comes behind it is taken in as soon as the builder goes on.
  index.seal();
  const goesOn = index.flush().then(() => {
    stoodStillMs = performance.now() - start;
  });
  const head = { name: "bench", definition: Buffer.alloc(0), isPartial: false };
  const graphs = [{ alias: "vector", dump }];
  await writeGraphFile(
    { ...head, documents: documents.freeze(), graphs },
    {
      disk: systemDisk,
      timers: systemTimers,
      cipher: undefined,
      path,
      sequence: 1,
      madeAtMs: 0,
      part: 0,
      isAbandoned: () => false,
    },
  );
  const seconds = (performance.now() - start) / 1000;
  await goesOn;
  const megabytes = statSync(path).size / 1e6;
  report(`writing ${megabytes.toFixed(0)} MB and reading it back`, seconds, documents.count);
  console.log(`the builder stood still for ${stoodStillMs.toFixed(0)} ms of it`);
}

async function load(engine: KernelVectorEngine, vectors: Buffer, dimensions: number, path: string) {
  const start = performance.now();
  const file = await GraphFile.open({
    disk: systemDisk,
    path,
    sequence: 1,
    keys: undefined,
    timers: systemTimers,
    clock: systemClock,
  });
  const opened = performance.now();
  report("reading the documents", (opened - start) / 1000, file.documents.ids.size);
  const index = newIndex(engine, dimensions);
  const links = linksOf(index);
  links.hold();
  await addAll(index, vectors, dimensions, () => undefined);
  report(
    "adding vectors, as keys bring them",
    (performance.now() - opened) / 1000,
    index.progress().count,
  );

  const begun = performance.now();
  await file.readLinks((_place, piece) => links.take(piece));
  await file.close();
  const whenLoaded = links.load();
  const firstMs = await searched(index, vectors, dimensions);
  const problem = await whenLoaded;
  if (problem !== undefined) throw new Error(`the links were refused: ${problem}`);
  const seconds = (performance.now() - begun) / 1000;
  console.log(`the first search, complete while links are loaded: ${firstMs.toFixed(0)} ms`);
  console.log(`a search afterwards: ${(await searched(index, vectors, dimensions)).toFixed(1)} ms`);
  return { index, seconds };
}

/** For the first vector itself and what is near it: how long that took. */
async function searched(index: VectorIndex, vectors: Buffer, dimensions: number): Promise<number> {
  const query = Buffer.from(vectors.subarray(0, dimensions * 4));
  const start = performance.now();
  const found = await index.nearest({
    query,
    k: NEAREST,
    efRuntime: 0,
    filter: null,
    timeoutMs: 0,
  });
  if (found.ids.length < NEAREST || found.ids[0] !== 0) throw new Error("an answer is incomplete");
  return performance.now() - start;
}

function newIndex(engine: KernelVectorEngine, dimensions: number): VectorIndex {
  return engine.create({
    algorithm: "HNSW",
    type: "FLOAT32",
    dimensions,
    metric: "L2",
    initialCapacity: 0,
    m: 16,
    efConstruction: 200,
    efRuntime: 10,
    epsilon: 0.01,
    neighborCodeBits: 512,
    blockSize: 1024,
  });
}

function linksOf(index: VectorIndex): GraphLinks {
  if (index.links === undefined) throw new Error("the index has no graph");
  return index.links;
}

async function addAll(
  index: VectorIndex,
  vectors: Buffer,
  dimensions: number,
  documents: () => Documents | undefined,
): Promise<void> {
  const vectorBytes = dimensions * 4;
  for (let id = 0; id * vectorBytes < vectors.length; id += 1) {
    documents()?.allocate(`document:${id}`);
    index.add(id, vectors.subarray(id * vectorBytes, (id + 1) * vectorBytes));
    if (id % ADDS_PER_TURN === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** Since the last report; on a busy machine it says more than the time by the clock. */
let processorSecondsThen = 0;

function report(what: string, seconds: number, count: number): void {
  const { user, system } = process.cpuUsage();
  const processorSeconds = (user + system) / 1e6;
  const spent = (processorSeconds - processorSecondsThen).toFixed(2);
  processorSecondsThen = processorSeconds;
  const rate = Math.round(count / seconds).toLocaleString("en");
  console.log(`${what}: ${seconds.toFixed(2)} s (${spent} of processors), ${rate} vectors/s`);
}
