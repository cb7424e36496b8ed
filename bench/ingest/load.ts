/**
 * One load: every document is written once, pipelined on several connections, while one connection
 * more writes a document now and then and looks for it as soon as it was acknowledged.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Dataset } from "../dataset/dataset.ts";
import { Connection, encodeCommand } from "../recall/connection.ts";
import type { Target } from "../recall/target.ts";
import { quantile } from "../statistics.ts";
import type { IngestOptions } from "./options.ts";

const INDEX = "bench:ingest";
const PREFIX = "bench:ingest:";
const PROBE = `${PREFIX}probe`;
const PROBE_EVERY_MS = 50;
const POLL_MS = 10;

export interface LoadFigures {
  readonly documentsPerSecond: number;
  readonly ackP50Ms: number;
  readonly ackP99Ms: number;
}

export interface IndexedFigures extends LoadFigures {
  /** From sending a document until the search that found it had answered. */
  readonly searchableP50Ms: number;
  readonly searchableP99Ms: number;
  /** Documents that were acknowledged and not found by the search after that. */
  readonly missed: number;
  readonly graphDocumentsPerSecond: number;
  /** How far the graph was behind what was acknowledged, at most. */
  readonly tailMax: number;
}

export function documentCommands(dataset: Dataset): Buffer[] {
  const { dimensions, vectorCount } = dataset;
  const vectors = dataset.vectors(0, vectorCount);
  return Array.from({ length: vectorCount }, (_, row) => {
    const blob = Buffer.from(vectors.buffer, row * dimensions * 4, dimensions * 4);
    return encodeCommand(["HSET", `${PREFIX}${row}`, "vector", blob]);
  });
}

export async function loadPlain(
  target: Target,
  commands: readonly Buffer[],
  options: IngestOptions,
): Promise<LoadFigures> {
  const control = await Connection.open(target.host, target.port);
  await control.command("FLUSHALL");
  control.close();
  return await writeAll(target, commands, options);
}

export async function loadIndexed(
  target: Target,
  dataset: Dataset,
  commands: readonly Buffer[],
  options: IngestOptions,
): Promise<IndexedFigures> {
  const control = await Connection.open(target.host, target.port);
  await control.command("FLUSHALL");
  const type = ["TYPE", "FLOAT32", "DIM", String(dataset.dimensions), "DISTANCE_METRIC", "COSINE"];
  const field = ["vector", "VECTOR", "HNSW", "6", ...type];
  await control.command(
    "FT.CREATE",
    INDEX,
    "ON",
    "HASH",
    "PREFIX",
    "1",
    PREFIX,
    "SCHEMA",
    ...field,
  );
  const probe = new Probe(control, dataset);
  const startMs = performance.now();
  const probing = probe.run();
  const written = await writeAll(target, commands, options);
  const tailAtEnd = await tailOf(control);
  await probe.stop(probing);
  while ((await tailOf(control)) > 0) await sleep(POLL_MS);
  const seconds = (performance.now() - startMs) / 1000;
  control.close();
  return {
    ...written,
    ...probe.figures(),
    graphDocumentsPerSecond: commands.length / seconds,
    tailMax: Math.max(probe.tailMax, tailAtEnd),
  };
}

async function writeAll(
  target: Target,
  commands: readonly Buffer[],
  options: IngestOptions,
): Promise<LoadFigures> {
  const latencies: number[] = [];
  let next = 0;
  const writer = async (connection: Connection) => {
    while (next < commands.length) {
      const command = commands[next];
      next += 1;
      const sentMs = performance.now();
      await connection.send(command);
      latencies.push(performance.now() - sentMs);
    }
    return connection;
  };
  const connections = await Promise.all(
    Array.from({ length: options.connections }, () => Connection.open(target.host, target.port)),
  );
  const startMs = performance.now();
  const writers = connections.flatMap((connection) =>
    Array.from({ length: options.pipeline }, () => writer(connection)),
  );
  await Promise.all(writers);
  const seconds = (performance.now() - startMs) / 1000;
  for (const connection of connections) connection.close();
  return {
    documentsPerSecond: commands.length / seconds,
    ackP50Ms: quantile(latencies, 0.5),
    ackP99Ms: quantile(latencies, 0.99),
  };
}

async function tailOf(connection: Connection): Promise<number> {
  const info = await connection.command("FT.INFO", INDEX);
  if (!Array.isArray(info)) throw new Error(`not an answer to FT.INFO: ${String(info)}`);
  const at = info.findIndex((name) => String(name) === "tail_documents");
  return at < 0 ? 0 : Number(info[at + 1]);
}

/** Writes a query of the dataset as a document, and asks for what is nearest to it. */
class Probe {
  tailMax = 0;
  readonly #connection: Connection;
  readonly #dataset: Dataset;
  readonly #latencies: number[] = [];
  #missed = 0;
  #isStopping = false;

  constructor(connection: Connection, dataset: Dataset) {
    this.#connection = connection;
    this.#dataset = dataset;
  }

  async run(): Promise<void> {
    for (let at = 0; !this.#isStopping; at += 1) {
      const query = this.#dataset.queries(at % this.#dataset.queryCount, 1);
      const blob = Buffer.from(query.buffer, query.byteOffset, query.byteLength);
      const text = "*=>[KNN 1 @vector $v AS d]";
      const sentMs = performance.now();
      await this.#connection.command("HSET", PROBE, "vector", blob);
      const search = ["FT.SEARCH", INDEX, text, "PARAMS", "2", "v", blob, "DIALECT", "2"];
      const found = await this.#connection.command(...search, "RETURN", "1", "d");
      this.#latencies.push(performance.now() - sentMs);
      const isFound = Array.isArray(found) && found.some((part) => String(part) === PROBE);
      if (!isFound) this.#missed += 1;
      this.tailMax = Math.max(this.tailMax, await tailOf(this.#connection));
      await sleep(PROBE_EVERY_MS);
    }
  }

  async stop(running: Promise<void>): Promise<void> {
    this.#isStopping = true;
    await running;
  }

  figures(): { searchableP50Ms: number; searchableP99Ms: number; missed: number } {
    return {
      searchableP50Ms: quantile(this.#latencies, 0.5),
      searchableP99Ms: quantile(this.#latencies, 0.99),
      missed: this.#missed,
    };
  }
}
