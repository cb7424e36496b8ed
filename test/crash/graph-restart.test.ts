/**
 * A graph is a function of the log: what a process built while it was written to, and what the next
 * one builds from the log, have the same checksum, whether the process was stopped or killed, in a
 * rest or in the middle of writes or of a backfill, and also after everything was flushed.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Random } from "../../src/runtime/clock.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { vectorBytes } from "./operations.ts";
import { RespClient, type RespReply } from "./resp-client.ts";
import { freePort, ServerProcess } from "./server-process.ts";

const seed = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 1_000_000);
const DIMENSIONS = 16;
const KEYS = 700;
const WRITES = 2_500;
const PIPELINED = 100;
/** That were there before their index: of a backfill's slices the server dies behind the middle. */
const EXISTING_KEYS = 20_000;
const DEADLY_SLICE = 350;

let folder = "";
const folders: string[] = [];
const servers: ServerProcess[] = [];

afterAll(async () => {
  for (const server of servers) server.kill();
  for (const used of folders) await rm(used, { recursive: true, force: true });
});

interface Running {
  readonly server: ServerProcess;
  readonly client: RespClient;
}

async function newFolder(): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), "lodestone-graph-"));
  folders.push(folder);
}

function launch(port: number, failpoints: string): ServerProcess {
  const server = new ServerProcess({ folder, port, failpoints, segmentBytes: 1024 * 1024 });
  servers.push(server);
  return server;
}

async function start(port: number, failpoints = ""): Promise<Running> {
  const server = launch(port, failpoints);
  const client = await server.connect();
  if (client === undefined) throw new Error(`no start: ${server.lastWords}`);
  return { server, client };
}

async function stop({ server, client }: Running, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  client.close();
  server.kill(signal);
  await server.exited;
}

async function createIndex(client: RespClient): Promise<void> {
  const vector = ["6", "TYPE", "FLOAT32", "DIM", String(DIMENSIONS), "DISTANCE_METRIC", "L2"];
  const schema = ["a", "VECTOR", "HNSW", ...vector, "b", "VECTOR", "HNSW", ...vector];
  await client.must("FT.CREATE", "graphs", "PREFIX", "1", "d:", "SCHEMA", "tag", "TAG", ...schema);
}

function chooseWrite(random: Random): (string | Buffer)[] {
  const key = `d:${Math.floor(random.fraction() * KEYS)}`;
  const vector = vectorBytes(Array.from({ length: DIMENSIONS }, () => random.fraction() * 2 - 1));
  const dice = random.fraction();
  if (dice < 0.1) return ["DEL", key];
  if (dice < 0.15) return ["HDEL", key, "b"];
  if (dice < 0.2) return ["HSET", key, "a", "no vector"];
  if (dice < 0.25) return ["HSET", key, "tag", "x", "other", String(dice)];
  if (dice < 0.3) return ["COPY", key, `${key}0`, "REPLACE"];
  if (dice < 0.32) return ["PEXPIRE", key, "1"];
  return dice < 0.6 ? ["HSET", key, "a", vector] : ["HSET", key, "a", vector, "b", vector];
}

/** What is not awaited is under way when it returns. */
async function write(client: RespClient, random: Random, isAwaited: boolean): Promise<void> {
  for (let sent = 0; sent < WRITES; sent += PIPELINED) {
    const replies = Array.from({ length: PIPELINED }, () => client.send(...chooseWrite(random)));
    if (sent + PIPELINED < WRITES || isAwaited) await Promise.all(replies);
    else for (const reply of replies) reply.catch(() => undefined);
  }
}

async function tailOf(client: RespClient): Promise<number> {
  const pairs = (await client.must("FT.INFO", "graphs")) as RespReply[];
  return Number(pairs[pairs.findIndex((name) => String(name) === "tail_documents") + 1]);
}

async function graphs(client: RespClient): Promise<string> {
  const reply = (await client.must("FT._DEBUG", "GRAPH", "graphs")) as RespReply[];
  return reply.map(String).join("\n");
}

async function until(isReached: () => Promise<boolean>): Promise<void> {
  while (!(await isReached())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Of what does not change any more: keys whose time has passed are removed by then. */
async function flushedGraphs(client: RespClient): Promise<string> {
  await until(async () => !/expires=[1-9]/.test(String(await client.must("INFO", "keyspace"))));
  expect(await client.must("FT._DEBUG", "FLUSH", "graphs")).toBe("OK");
  expect(await tailOf(client)).toBe(0);
  return graphs(client);
}

test(`a restarted server builds the graph that it had (seed ${seed})`, async () => {
  await newFolder();
  const random = seededRandom(seed);
  const port = await freePort();
  let running = await start(port);
  const restart = async (signal: "SIGKILL" | "SIGTERM"): Promise<void> => {
    await stop(running, signal);
    running = await start(port);
  };
  await createIndex(running.client);

  // The server seals when writers rest; nobody asks it to.
  await write(running.client, random, true);
  const last = vectorBytes(new Array<number>(DIMENSIONS).fill(1));
  await running.client.must("HSET", "d:last", "a", last, "b", last);
  while ((await tailOf(running.client)) > 0)
    await new Promise((resolve) => setTimeout(resolve, 20));
  const rested = await flushedGraphs(running.client);
  expect(rested).toContain("checksum");
  await restart("SIGKILL");
  expect(await flushedGraphs(running.client)).toBe(rested);

  // Killed in the middle of writes, it goes on with what is in the log.
  await write(running.client, random, false);
  await restart("SIGKILL");
  const recovered = await flushedGraphs(running.client);
  expect(recovered).not.toBe(rested);
  await write(running.client, random, true);
  const goneOn = await flushedGraphs(running.client);
  await restart("SIGTERM");
  expect(await flushedGraphs(running.client)).toBe(goneOn);

  // An index that was made anew on an empty keyspace knows nothing of what was.
  await running.client.must("FLUSHALL");
  await createIndex(running.client);
  await write(running.client, random, true);
  await restart("SIGTERM");
  const unsealed = await flushedGraphs(running.client);
  await restart("SIGKILL");
  expect(await flushedGraphs(running.client)).toBe(unsealed);
  await stop(running, "SIGKILL");
});

async function fill(client: RespClient, random: Random): Promise<void> {
  for (let start = 0; start < EXISTING_KEYS; start += 1000) {
    const replies = Array.from({ length: 1000 }, (_, place) => {
      const vector = Array.from({ length: DIMENSIONS }, () => random.fraction() * 2 - 1);
      return client.must("HSET", `d:${start + place}`, "a", vectorBytes(vector), "other", place);
    });
    await Promise.all(replies);
  }
}

/** Writes, on connections of their own, until they are told to stop or the server is gone. */
function writeBeside(port: number, random: Random): () => Promise<void> {
  let isOver = false;
  const writers = [0, 1, 2].map(async () => {
    const client = await RespClient.open(port);
    try {
      while (!isOver) {
        await Promise.all(Array.from({ length: 10 }, () => client.send(...chooseWrite(random))));
      }
    } catch {
      // It died, as it was told to.
    }
    client.close();
  });
  return async () => {
    isOver = true;
    await Promise.all(writers);
  };
}

async function isBackfilling(client: RespClient): Promise<boolean> {
  return String(await client.must("INFO", "search_progress")).includes("state=backfilling");
}

/** Every hash is found, also by who asks while the index is still being filled. */
async function expectComplete(client: RespClient): Promise<void> {
  const [total] = (await client.must("FT.SEARCH", "graphs", "*", "LIMIT", "0", "0")) as RespReply[];
  expect(total).toBe(((await client.must("KEYS", "d:*")) as RespReply[]).length);
}

test(`a backfill that was cut off is gone on with (seed ${seed})`, async () => {
  await newFolder();
  const random = seededRandom(seed);
  const port = await freePort();
  let running = await start(port, `backfill.slice=exit@${DEADLY_SLICE}`);
  await fill(running.client, random);
  let stopWriters = writeBeside(port, random);
  await createIndex(running.client);
  await running.server.exited;
  expect(running.server.signal).toBe("SIGKILL");
  await stopWriters();
  running.client.close();

  // It dies again where it has gone on for a few slices.
  const dying = launch(port, "backfill.slice=exit@20");
  await dying.exited;
  expect(dying.signal).toBe("SIGKILL");

  running = await start(port);
  stopWriters = writeBeside(port, random);
  await until(async () => !(await isBackfilling(running.client)));
  await stopWriters();
  const first = await flushedGraphs(running.client);
  await expectComplete(running.client);
  const restart = async (): Promise<void> => {
    await stop(running, "SIGKILL");
    running = await start(port);
    expect(await isBackfilling(running.client)).toBe(false);
  };
  for (let times = 0; times < 2; times += 1) {
    await restart();
    expect(await flushedGraphs(running.client)).toBe(first);
  }
  await expectComplete(running.client);

  // The same index made anew, in one process and beside writes from its beginning to its end.
  await running.client.must("FT.DROPINDEX", "graphs");
  stopWriters = writeBeside(port, random);
  await createIndex(running.client);
  await expectBackfilled(running.client);
  await stopWriters();
  const anew = await flushedGraphs(running.client);
  expect(anew).not.toBe(first);
  for (let times = 0; times < 2; times += 1) {
    await restart();
    expect(await flushedGraphs(running.client)).toBe(anew);
  }
  await expectComplete(running.client);
  await stop(running, "SIGKILL");
});

/** A search waits for the end. */
async function expectBackfilled(client: RespClient): Promise<void> {
  const [total] = (await client.must("FT.SEARCH", "graphs", "*", "LIMIT", "0", "0")) as RespReply[];
  expect(total).toBeGreaterThan(EXISTING_KEYS / 2);
  expect(await isBackfilling(client)).toBe(false);
}
