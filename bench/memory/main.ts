/**
 * What a vector costs in a server's memory, all included: loads documents over a socket and divides
 * the process's resident memory by their count, once every vector is in the graph.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { positiveInteger } from "../option-values.ts";
import { Connection } from "../recall/connection.ts";
import { freePort, startServerProcess } from "../server-process.ts";

const usage = `npm run bench -- memory [options]

Resident memory per vector: HSETs of one vector each, HNSW, FLOAT32, until all are in the graph.

  --documents N      (100000)
  --dimensions N     (1536)
  --neighbor-codes N bits of a neighbor code; 0 walks on int8 codes alone (512)
  --flags "FLAGS"    more flags for the server
`;

/** Enough to keep the server busy, and not so much that replies pile up. */
const PIPELINE = 128;
const CLUSTER_COUNT = 1000;
const SPREAD = 0.25;
const POLL_MS = 500;
/** Resident memory has settled once it moved by less than this between two looks. */
const SETTLED_SHARE = 0.001;

export async function runMemory(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      documents: { type: "string", default: "100000" },
      dimensions: { type: "string", default: "1536" },
      "neighbor-codes": { type: "string", default: "512" },
      flags: { type: "string", default: "" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const documentCount = positiveInteger("documents", values.documents);
  const dimensions = positiveInteger("dimensions", values.dimensions);
  const folder = await mkdtemp(join(tmpdir(), "lodestone-memory-"));
  const flags = values.flags.split(" ").filter((flag) => flag !== "");
  const server = startServerProcess({ folder, port: await freePort(), flags });
  try {
    await server.whenReady;
    const connection = await Connection.open("127.0.0.1", server.port);
    await measure(connection, documentCount, dimensions, values["neighbor-codes"]);
    connection.close();
  } finally {
    await server.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(
  connection: Connection,
  documentCount: number,
  dimensions: number,
  neighborCodes: string,
): Promise<void> {
  const parameters = `TYPE FLOAT32 DIM ${dimensions} DISTANCE_METRIC COSINE`;
  const schema = `v VECTOR HNSW 8 ${parameters} NEIGHBOR_CODES ${neighborCodes}`;
  await connection.command("FT.CREATE", "idx", "SCHEMA", ...schema.split(" "));
  const before = await memoryOf(connection);
  await load(connection, documentCount, dimensions);
  await whenInGraph(connection);
  const after = await whenSettled(connection);
  const each = (bytes: number): string => `${Math.round(bytes / documentCount)} bytes per vector`;
  console.log(`${documentCount} documents of ${dimensions} dimensions, all in the graph`);
  console.log(`resident, all included:     ${each(after.resident)}`);
  console.log(`resident, less when empty:  ${each(after.resident - before.resident)}`);
  console.log(`accounted (used_memory):    ${each(after.used)}`);
  console.log(`the values alone:           ${dimensions * 4} bytes`);
}

async function load(
  connection: Connection,
  documentCount: number,
  dimensions: number,
): Promise<void> {
  const vectors = new ClusteredVectors(dimensions);
  for (let first = 0; first < documentCount; first += PIPELINE) {
    const replies: Promise<unknown>[] = [];
    for (let at = first; at < Math.min(documentCount, first + PIPELINE); at += 1) {
      replies.push(connection.command("HSET", `doc:${at}`, "v", vectors.next()));
    }
    await Promise.all(replies);
  }
}

/** Points around centers, by a generator of 32 bits with a fixed seed. */
class ClusteredVectors {
  readonly #dimensions: number;
  readonly #centers: readonly Float32Array[];
  #state: number;

  constructor(dimensions: number) {
    this.#dimensions = dimensions;
    this.#state = 1;
    this.#centers = Array.from({ length: CLUSTER_COUNT }, () => {
      return Float32Array.from({ length: dimensions }, () => this.#value());
    });
  }

  next(): Buffer {
    const vector = new Float32Array(this.#dimensions);
    const center = this.#centers[Math.floor(((this.#value() + 1) / 2) * CLUSTER_COUNT)];
    for (let at = 0; at < vector.length; at += 1) vector[at] = center[at] + SPREAD * this.#value();
    return Buffer.from(vector.buffer);
  }

  /** From -1 to 1. */
  #value(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return state / 2 ** 31;
  }
}

async function whenInGraph(connection: Connection): Promise<void> {
  for (;;) {
    const reply = await connection.command("FT.INFO", "idx");
    const pairs = Array.isArray(reply) ? reply.map(String) : [];
    const at = pairs.indexOf("tail_documents");
    if (at >= 0 && pairs[at + 1] === "0") return;
    await wait(POLL_MS);
  }
}

async function whenSettled(connection: Connection): Promise<{ resident: number; used: number }> {
  let last = await memoryOf(connection);
  for (;;) {
    await wait(POLL_MS * 4);
    const now = await memoryOf(connection);
    if (Math.abs(now.resident - last.resident) < last.resident * SETTLED_SHARE) return now;
    last = now;
  }
}

async function memoryOf(connection: Connection): Promise<{ resident: number; used: number }> {
  const text = String(await connection.command("INFO", "memory"));
  const figure = (name: string): number => Number(text.match(`\\n${name}:(\\d+)`)?.[1]);
  return { resident: figure("used_memory_rss"), used: figure("used_memory") };
}
