/**
 * A server that is killed behind a snapshot of an index: how long a start takes, what the very
 * first search finds, and when the graph is back.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { exactNeighbors } from "../dataset/ground-truth.ts";
import { Connection } from "../recall/connection.ts";
import { freePort, type ServerProcess, startServerProcess } from "../server-process.ts";
import { clusteredVectors } from "./vectors.ts";

const FLAGS = ["--snapshot-schedule", "", "--snapshot-log-bytes", "0"];
const NEAREST = 10;
const SEARCHES = 20;
const POLL_MS = 20;
const PIPELINED = 500;

export async function measureServer(count: number, dimensions: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "lodestone-graph-load-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const vectors = clusteredVectors(count, dimensions);
  const vectorBytes = dimensions * 4;
  const vectorOf = (row: number) => vectors.subarray(row * vectorBytes, (row + 1) * vectorBytes);
  let server = await start(folder);
  let client = await Connection.open("127.0.0.1", server.port);
  await createIndex(client, dimensions);
  const begun = performance.now();
  for (let row = 0; row < count; row += PIPELINED) {
    const rows = Array.from({ length: Math.min(PIPELINED, count - row) }, (_, at) => row + at);
    await Promise.all(rows.map((one) => client.command("HSET", `d:${one}`, "v", vectorOf(one))));
  }
  await until(async () => (await infoOf(client, "tail_documents")) === "0");
  console.log(`written and in the graph: ${seconds(begun)} s`);
  const saving = performance.now();
  await client.command("SAVE");
  console.log(`SAVE: ${seconds(saving)} s`);
  client.close();
  await server.kill();

  const starting = performance.now();
  server = await start(folder);
  const ready = performance.now();
  console.log(`everything is served after ${seconds(starting)} s`);
  client = await Connection.open("127.0.0.1", server.port);
  await searches(client, vectors, count, dimensions, ready);
  await until(async () => (await infoOf(client, "graph_load")) !== "loading");
  const load = await infoOf(client, "graph_load");
  console.log(`the graph is ${load} ${seconds(ready)} s after that`);
  if (load !== "loaded") process.exitCode = 1;
  client.close();
  await server.kill();
}

/** One after another from the first moment on, beside the exact answers. */
async function searches(
  client: Connection,
  vectors: Buffer,
  count: number,
  dimensions: number,
  ready: number,
): Promise<void> {
  const values = new Float32Array(vectors.buffer, vectors.byteOffset, count * dimensions);
  const found: { readonly ids: readonly string[]; readonly row: number }[] = [];
  for (let search = 0; search < SEARCHES; search += 1) {
    const row = Math.floor((search * count) / SEARCHES);
    const query = vectors.subarray(row * dimensions * 4, (row + 1) * dimensions * 4);
    const knn = [`*=>[KNN ${NEAREST} @v $q AS d]`, "PARAMS", "2", "q", query, "DIALECT", "2"];
    const reply = await client.command("FT.SEARCH", "bench", ...knn, "NOCONTENT");
    if (!Array.isArray(reply)) throw new Error(String(reply));
    found.push({ ids: reply.slice(1).map(String), row });
    if (search === 0) console.log(`the first answer came ${seconds(ready)} s after that`);
  }
  console.log(`${SEARCHES} answers within ${seconds(ready)} s`);
  let hits = 0;
  for (const { ids, row } of found) {
    const query = values.subarray(row * dimensions, (row + 1) * dimensions);
    const truth = exactNeighbors({ metric: "L2", dimensions, vectors: values, query, k: NEAREST });
    hits += [...truth.rows].filter((near) => ids.includes(`d:${near}`)).length;
  }
  console.log(`recall of those: ${(hits / (SEARCHES * NEAREST)).toFixed(3)}`);
}

async function createIndex(client: Connection, dimensions: number): Promise<void> {
  const type = ["TYPE", "FLOAT32", "DIM", String(dimensions), "DISTANCE_METRIC", "L2"];
  const field = ["v", "VECTOR", "HNSW", "6", ...type];
  await client.command("FT.CREATE", "bench", "PREFIX", "1", "d:", "SCHEMA", ...field);
}

async function start(folder: string): Promise<ServerProcess> {
  const server = startServerProcess({ folder, port: await freePort(), flags: FLAGS });
  process.once("exit", () => void server.kill());
  await server.whenReady;
  return server;
}

async function infoOf(client: Connection, name: string): Promise<string> {
  const pairs = await client.command("FT.INFO", "bench");
  if (!Array.isArray(pairs)) throw new Error(String(pairs));
  return String(pairs[pairs.findIndex((known) => String(known) === name) + 1]);
}

async function until(isReached: () => Promise<boolean>): Promise<void> {
  while (!(await isReached())) await sleep(POLL_MS);
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(2);
}
