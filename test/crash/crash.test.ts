/**
 * The crash test: a real server over a real socket is killed again and again while writers in
 * another process keep their own notebook. After each death a fresh server must show everything
 * that was acknowledged, nothing that nobody sent, and the same through search as through the
 * keyspace.
 *
 * Half of the deaths are at random times, half at named failpoints; every third round the server
 * also dies while it reads its log back. The page cache survives a kill: power loss is tested in
 * test/log with the fake disk.
 */
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import {
  type Arena,
  chooseFailpoint,
  killWhileRecovering,
  killWhileWriting,
  newArena,
  removeArenas,
  startServer,
} from "./arena.ts";
import { documentText, Oracle, type State } from "./oracle.ts";
import type { RespClient, RespReply } from "./resp-client.ts";
import { checkSearch, createIndex } from "./search-oracle.ts";
import { freePort } from "./server-process.ts";

const seed = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 1_000_000);
const ROUNDS = Number(process.env["LODESTONE_CRASH_ROUNDS"] ?? 30);
const writers = {
  writerProgram: fileURLToPath(new URL("./writer.ts", import.meta.url)),
  // By turns: few, and so many that the event loop itself writes some of the records.
  connectionCounts: [8, 48],
};

afterAll(removeArenas);

async function readHash(client: RespClient, key: string): Promise<string> {
  const fields = await client.must("HMGET", key, "tag", "number", "flat", "graph");
  if (!Array.isArray(fields)) throw new Error("HMGET gave no array");
  const [tag, number, flat, graph] = fields;
  if (!Buffer.isBuffer(flat) || !Buffer.isBuffer(graph) || !flat.equals(graph)) {
    return `torn document ${String(flat)} ${String(graph)}`;
  }
  return documentText(String(tag), String(number), flat);
}

async function readValue(client: RespClient, key: string): Promise<string> {
  if (key.startsWith("document:")) return readHash(client, key);
  if (!key.startsWith("list:")) return `string ${String(await client.must("GET", key))}`;
  const values = await client.must("LRANGE", key, "0", "-1");
  return `list ${(values as RespReply[]).map(String).join(" ")}`;
}

async function readKeyspace(client: RespClient): Promise<{ state: State; counter: number }> {
  const state: State = new Map();
  const keys = (await client.must("KEYS", "*")) as RespReply[];
  const names = keys.map(String).filter((key) => key !== "counter");
  const values = await Promise.all(names.map((key) => readValue(client, key)));
  for (const [index, name] of names.entries()) state.set(name, values[index]);
  return { state, counter: Number((await client.must("GET", "counter")) ?? 0) };
}

/** Looks at everything through a fresh server, then kills that too. */
async function examine(arena: Arena, oracle: Oracle, notebook: string) {
  const server = startServer(arena, "");
  const client = await server.connect();
  if (client === undefined) throw new Error(`no start after a crash: ${server.lastWords}`);
  const { state, counter } = await readKeyspace(client);
  const verdict = oracle.judge(notebook, state, counter);
  const searchProblems = await checkSearch(client, state, arena.random);
  client.close();
  server.kill();
  await server.exited;
  return { ...verdict, problems: [...verdict.problems, ...searchProblems] };
}

async function prepare(arena: Arena): Promise<void> {
  const server = startServer(arena, "");
  const client = await server.connect();
  if (client === undefined) throw new Error(`no start: ${server.lastWords}`);
  await createIndex(client);
  client.close();
  server.kill();
  await server.exited;
}

test(`${ROUNDS} crashes lose nothing that was acknowledged (seed ${seed})`, async () => {
  const arena = await newArena(seed, writers);
  await prepare(arena);
  const oracle = new Oracle();
  const totals = { acknowledged: 0, unknown: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const failpoints = round % 2 === 0 ? "" : chooseFailpoint(arena.random);
    const { notebook, death } = await killWhileWriting(arena, round, failpoints);
    if (round % 3 === 0) await killWhileRecovering(arena);
    const verdict = await examine(arena, oracle, notebook);
    expect(verdict.problems, `seed ${seed}, round ${round}, ${death}`).toEqual([]);
    totals.acknowledged += verdict.acknowledgedCount;
    totals.unknown += verdict.unknownCount;
  }
  console.log(JSON.stringify({ crash: "ok", seed, rounds: ROUNDS, ...totals }));
  expect(totals.acknowledged).toBeGreaterThan(ROUNDS);
});

test(`finds the planted bug of a reply before durability (seed ${seed})`, async () => {
  const arena = await newArena(seed + 1, writers);
  await prepare(arena);
  const oracle = new Oracle();
  const found: string[] = [];
  for (let round = 0; round < 10 && found.length === 0; round += 1) {
    const planted = "planted.reply-before-durable=on";
    const { notebook } = await killWhileWriting(arena, round, planted);
    found.push(...(await examine(arena, oracle, notebook)).problems);
  }
  expect(found.length).toBeGreaterThan(0);
});

test("a failing disk ends the process with exit code 71, and nothing more is acknowledged", async () => {
  const arena = await newArena(seed + 2, writers);
  const server = startServer(arena, "appender.sent=error@3");
  const client = await server.connect();
  expect(await client?.send("SET", "first", "1")).toBe("OK");
  await expect(client?.send("SET", "second", "2")).rejects.toThrow();
  await server.exited;
  expect(server.exitCode).toBe(71);
  const after = startServer(arena, "");
  const again = await after.connect();
  expect(String(await again?.send("GET", "first"))).toBe("1");
  again?.close();
  after.kill("SIGTERM");
  await after.exited;
  expect(after.exitCode).toBe(0);
});

test("a second server on the folder is refused, and the first goes on", async () => {
  const arena = await newArena(seed + 3, writers);
  const first = startServer(arena, "");
  const client = await first.connect();
  const second = startServer({ ...arena, port: await freePort() }, "");
  await second.exited;
  expect(second.exitCode).toBe(1);
  expect(second.lastWords).toMatch(new RegExp(`held by pid \\d+, started .*:${arena.port}`));
  expect(await client?.send("SET", "k", "v")).toBe("OK");
  client?.close();
  first.kill();
  await first.exited;
});
