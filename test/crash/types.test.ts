/**
 * The crash test over all types: writers change strings, bitmaps, HyperLogLogs, lists, hashes whose
 * fields expire, sets, sorted sets and streams, others wait for lists, sorted sets and a group's
 * entries with blocking commands and are served while the server is killed. What was answered must
 * be there, what was popped must be gone, and nobody may have got what another got.
 *
 * It fails if an effect is forgotten, written twice or out of order, if a MULTI is torn, if a pop
 * is answered before it is durable, or if who waits is served something that was not pushed.
 */
import { setTimeout as wait } from "node:timers/promises";
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
import { JOBS, WORKERS } from "./jobs-oracle.ts";
import { TypeOracle, type TypeVerdict } from "./type-oracle.ts";
import { readTypes } from "./type-reader.ts";

const seed = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 1_000_000);
const ROUNDS = Number(process.env["LODESTONE_CRASH_ROUNDS"] ?? 30);
const writers = {
  writerProgram: fileURLToPath(new URL("./type-writer.ts", import.meta.url)),
  connectionCounts: [8, 32],
};
/** Longer than what the writers let expire lives on. */
const EXPIRED_MS = 50;

afterAll(removeArenas);

async function prepare(arenaSeed: number): Promise<{ arena: Arena; oracle: TypeOracle }> {
  const arena = await newArena(arenaSeed, writers);
  const server = startServer(arena, "");
  const client = await server.connect();
  if (client === undefined) throw new Error(`no start: ${server.lastWords}`);
  await client.must("XGROUP", "CREATE", JOBS, WORKERS, "0", "MKSTREAM");
  const oracle = new TypeOracle(await readTypes(client));
  client.close();
  server.kill();
  await server.exited;
  return { arena, oracle };
}

/** Looks at everything through a fresh server, then kills that too. */
async function examine(arena: Arena, oracle: TypeOracle, notebook: string): Promise<TypeVerdict> {
  const server = startServer(arena, "");
  const [client] = await Promise.all([server.connect(), wait(EXPIRED_MS)]);
  if (client === undefined) throw new Error(`no start after a crash: ${server.lastWords}`);
  const nowMs = Date.now();
  const verdict = oracle.judge(notebook, await readTypes(client), nowMs);
  client.close();
  server.kill();
  await server.exited;
  return verdict;
}

test(`${ROUNDS} crashes lose nothing of any type, and hand out nothing twice (seed ${seed})`, async () => {
  const { arena, oracle } = await prepare(seed);
  const totals: Record<string, number> = { unknown: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const failpoints = round % 2 === 0 ? "" : chooseFailpoint(arena.random);
    const { notebook, death } = await killWhileWriting(arena, round, failpoints);
    if (round % 3 === 0) await killWhileRecovering(arena);
    const verdict = await examine(arena, oracle, notebook);
    expect(verdict.problems, `seed ${seed}, round ${round}, ${death}`).toEqual([]);
    totals["unknown"] += verdict.unknownCount;
    for (const [kind, count] of Object.entries(verdict.answeredByKind)) {
      totals[kind] = (totals[kind] ?? 0) + count;
    }
  }
  console.log(JSON.stringify({ crash: "ok", seed, rounds: ROUNDS, ...totals }));
  for (const kind of ["own", "push", "pop", "move", "read", "acknowledge"]) {
    expect(totals[kind], kind).toBeGreaterThan(ROUNDS);
  }
});

test(`finds the planted bug of a reply before durability in all types (seed ${seed})`, async () => {
  const { arena, oracle } = await prepare(seed + 1);
  const found: string[] = [];
  for (let round = 0; round < 10 && found.length === 0; round += 1) {
    const planted = "planted.reply-before-durable=on";
    const { notebook } = await killWhileWriting(arena, round, planted);
    found.push(...(await examine(arena, oracle, notebook)).problems);
  }
  expect(found.length).toBeGreaterThan(0);
});
