/**
 * A server that is killed behind a snapshot has the graphs that it had, without building them: the
 * same as one that reads its whole log. What is damaged is built again, with the reason, and right
 * answers. It may die while it dumps graphs, and while it takes them back.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Random } from "../../src/runtime/clock.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { vectorBytes } from "./operations.ts";
import type { RespClient, RespReply } from "./resp-client.ts";
import { freePort, ServerProcess } from "./server-process.ts";

const seed = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 1_000_000);
const DIMENSIONS = 16;
const KEYS = 900;
const PIPELINED = 100;

const folders: string[] = [];
const servers: ServerProcess[] = [];

afterAll(() => {
  for (const server of servers) server.kill();
  for (const used of folders) rmSync(used, { recursive: true, force: true });
});

interface Running {
  readonly folder: string;
  readonly server: ServerProcess;
  readonly client: RespClient;
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "lodestone-graph-snapshot-"));
  folders.push(folder);
  return folder;
}

async function launch(folder: string, failpoints = ""): Promise<ServerProcess> {
  const port = await freePort();
  const server = new ServerProcess({ folder, port, failpoints, segmentBytes: 1024 * 1024 });
  servers.push(server);
  return server;
}

async function start(folder: string, failpoints = ""): Promise<Running> {
  const server = await launch(folder, failpoints);
  const client = await server.connect();
  if (client === undefined) throw new Error(`no start: ${server.lastWords}`);
  return { folder, server, client };
}

async function kill({ client, server }: Running): Promise<void> {
  client.close();
  server.kill("SIGKILL");
  await server.exited;
}

async function createIndexes(client: RespClient): Promise<void> {
  const vector = ["6", "TYPE", "FLOAT32", "DIM", String(DIMENSIONS), "DISTANCE_METRIC", "L2"];
  const both = ["a", "VECTOR", "HNSW", ...vector, "b", "VECTOR", "HNSW", ...vector];
  await client.must("FT.CREATE", "graphs", "PREFIX", "1", "d:", "SCHEMA", "tag", "TAG", ...both);
  await client.must("FT.CREATE", "tags", "PREFIX", "1", "d:", "SCHEMA", "tag", "TAG");
}

function chooseWrite(random: Random): (string | Buffer)[] {
  const key = `d:${Math.floor(random.fraction() * KEYS)}`;
  const vector = vectorBytes(Array.from({ length: DIMENSIONS }, () => random.fraction() * 2 - 1));
  const dice = random.fraction();
  if (dice < 0.15) return ["DEL", key];
  if (dice < 0.2) return ["HDEL", key, "b"];
  if (dice < 0.22) return ["PEXPIRE", key, "1"];
  const tag = dice < 0.5 ? "x" : "y";
  if (dice < 0.3) return ["HSET", key, "tag", tag, "a", "no vector"];
  return dice < 0.6
    ? ["HSET", key, "tag", tag, "a", vector]
    : ["HSET", key, "tag", tag, "a", vector, "b", vector];
}

async function write(client: RespClient, random: Random, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += PIPELINED) {
    await Promise.all(Array.from({ length: PIPELINED }, () => client.send(...chooseWrite(random))));
  }
}

async function until(isReached: () => Promise<boolean>): Promise<void> {
  while (!(await isReached())) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function infoOf(client: RespClient, name: string): Promise<string> {
  const pairs = (await client.must("FT.INFO", "graphs")) as RespReply[];
  return String(pairs[pairs.findIndex((known) => String(known) === name) + 1]);
}

/** Everything in the graphs, of keys that do not change any more. */
async function graphs(client: RespClient): Promise<string> {
  await until(async () => !/expires=[1-9]/.test(String(await client.must("INFO", "keyspace"))));
  expect(await client.must("FT._DEBUG", "FLUSH", "graphs")).toBe("OK");
  expect(await infoOf(client, "tail_documents")).toBe("0");
  const reply = (await client.must("FT._DEBUG", "GRAPH", "graphs")) as RespReply[];
  return reply.map(String).join("\n");
}

/** The nearest of some queries and the order in which documents with a tag come. */
async function answers(client: RespClient): Promise<string> {
  const random = seededRandom(3);
  const lines: string[] = [];
  for (let query = 0; query < 5; query += 1) {
    const vector = vectorBytes(Array.from({ length: DIMENSIONS }, () => random.fraction()));
    const knn = ["*=>[KNN 1000 @a $v AS d]", "PARAMS", "2", "v", vector, "DIALECT", "2"];
    const found = (await client.must(
      "FT.SEARCH",
      "graphs",
      ...knn,
      "SORTBY",
      "d",
      "LIMIT",
      "0",
      "1000",
      "NOCONTENT",
    )) as RespReply[];
    lines.push(found.map(String).join(" "));
  }
  const tagged = (await client.must(
    "FT.SEARCH",
    "tags",
    "@tag:{x}",
    "LIMIT",
    "0",
    "1000",
    "NOCONTENT",
  )) as RespReply[];
  lines.push(tagged.map(String).join(" "));
  return lines.join("\n");
}

async function snapshotState(client: RespClient, name: string): Promise<string> {
  const text = String(await client.must("INFO", "persistence"));
  return new RegExp(`^${name}:(.*?)\r?$`, "m").exec(text)?.[1] ?? "";
}

async function save(client: RespClient): Promise<void> {
  await client.must("BGSAVE");
  await until(async () => (await snapshotState(client, "rdb_bgsave_in_progress")) === "0");
  expect(await snapshotState(client, "rdb_last_bgsave_status")).toBe("ok");
}

function graphFiles(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.includes(".graph-"));
}

/** Without its snapshots: all that the log says, from its first record on. */
function logAlone(folder: string): string {
  const copy = newFolder();
  cpSync(folder, copy, {
    recursive: true,
    filter: (path) => !basename(path).startsWith("snapshot-") && !path.endsWith("lock"),
  });
  return copy;
}

test(`graphs come back from a snapshot as they were (seed ${seed})`, async () => {
  const random = seededRandom(seed);
  const folder = newFolder();
  let running = await start(folder);
  await createIndexes(running.client);
  await write(running.client, random, 3000);
  const writing = write(running.client, random, 1000);
  await save(running.client);
  await writing;
  expect(graphFiles(folder)).toHaveLength(2);
  await write(running.client, random, 800);
  const before = await graphs(running.client);
  const found = await answers(running.client);
  expect(await infoOf(running.client, "graph_load")).toBe("built");
  await kill(running);

  const replayed = await start(logAlone(folder));
  expect(await graphs(replayed.client)).toBe(before);
  expect(await infoOf(replayed.client, "graph_load")).toBe("built");
  await kill(replayed);

  running = await start(folder);
  expect(await answers(running.client)).toBe(found);
  await until(async () => (await infoOf(running.client, "graph_load")) === "loaded");
  expect(await graphs(running.client)).toBe(before);
  expect(await answers(running.client)).toBe(found);

  // What was loaded is dumped, and goes on, as what was built.
  await write(running.client, random, 1000);
  await save(running.client);
  await write(running.client, random, 500);
  const later = await graphs(running.client);
  await kill(running);
  running = await start(folder);
  expect(await graphs(running.client)).toBe(later);
  expect(await infoOf(running.client, "graph_load")).toBe("loaded");
  await kill(running);

  // A damaged file is said, and done without.
  const files = graphFiles(folder).toSorted();
  const damaged = join(folder, files[files.length - 2]);
  const bytes = readFileSync(damaged);
  bytes[Math.floor(random.fraction() * bytes.length)] ^= 4;
  writeFileSync(damaged, bytes);
  running = await start(folder);
  expect(await infoOf(running.client, "graph_load")).toMatch(/^rebuilt: .*graph-0/);
  await graphs(running.client);
  const exact = await answers(running.client);
  const total = (await running.client.must("KEYS", "d:*")) as RespReply[];
  const [count] = (await running.client.must(
    "FT.SEARCH",
    "graphs",
    "*",
    "LIMIT",
    "0",
    "0",
  )) as RespReply[];
  expect(count).toBe(total.length);
  await kill(running);
  rmSync(damaged);
  running = await start(folder);
  expect(await infoOf(running.client, "graph_load")).toMatch(/^rebuilt: the snapshot has no file/);
  expect(await answers(running.client)).toBe(exact);
  await kill(running);
});

test(`it may die while graphs are dumped, and while they come back (seed ${seed})`, async () => {
  const random = seededRandom(seed);
  const folder = newFolder();
  let running = await start(folder, "graph-file.block=exit@4");
  await createIndexes(running.client);
  await write(running.client, random, 3000);
  const before = await graphs(running.client);
  running.client.send("BGSAVE").catch(() => undefined);
  await running.server.exited;
  expect(running.server.signal).toBe("SIGKILL");
  running.client.close();

  running = await start(folder);
  expect(readdirSync(folder).filter((name) => name.startsWith("snapshot-"))).toEqual([]);
  expect(await graphs(running.client)).toBe(before);
  await save(running.client);
  await kill(running);

  const dying = await launch(folder, "graph-file.restored=exit@1");
  await dying.exited;
  expect(dying.signal).toBe("SIGKILL");
  running = await start(folder);
  expect(await graphs(running.client)).toBe(before);
  expect(await infoOf(running.client, "graph_load")).toBe("loaded");
  await kill(running);
});
