/**
 * Queues on lists over node-redis, with workers that crash.
 *
 * - A reliable one: BLMOVE takes a job into the worker's own list, and one MULTI says that it is
 *   done and takes it out; who comes after a crash puts back what was left. Each job is done
 *   exactly once. It fails if a move loses or doubles a job (also for a client that left while it
 *   waited), if a MULTI happens half, or if the server forgets an answered one when it is killed.
 * - A plain one: BLPOP. Nobody gets what another got, and what is missing was under way to a
 *   worker that crashed. It fails if a waiting client that has gone is served from the queue
 *   again and again, or if two get one job.
 */
import { createClient } from "redis";
import { afterAll, beforeAll, expect, onTestFailed, test } from "vitest";
import { type Random, seededRandom } from "../support/command-grammar.ts";
import { startTestServer, type TestServer } from "../support/test-server.ts";

const JOBS = 1500;
const WORKERS = 6;
const CRASH_SHARE = 0.04;

const seed = Number(process.env["LODESTONE_SEED"] ?? Date.now() % 2 ** 31);

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

function newClient() {
  const client = createClient({
    socket: { host: "127.0.0.1", port: server.port, reconnectStrategy: false },
  });
  client.on("error", () => {});
  return client;
}
type Client = ReturnType<typeof newClient>;

async function connect(): Promise<Client> {
  for (;;) {
    const client = newClient();
    try {
      await client.connect();
      await client.exists("queue");
      return client;
    } catch {
      if (client.isOpen) client.destroy();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

class Crash extends Error {}

interface Ledger {
  /** Jobs whose push was answered. */
  readonly pushed: Set<string>;
  /** Jobs that a worker was handed, in order. */
  readonly handed: string[];
  crashCount: number;
  isOver: boolean;
}

const newLedger = (): Ledger => ({ pushed: new Set(), handed: [], crashCount: 0, isOver: false });

/** One life after the other, until it is over. */
async function workAlways(
  worker: number,
  ledger: Ledger,
  live: (client: Client, worker: number, ledger: Ledger, random: Random) => Promise<void>,
): Promise<void> {
  const random = seededRandom(seed + worker);
  while (!ledger.isOver) {
    const client = await connect();
    try {
      await live(client, worker, ledger, random);
    } catch (reason) {
      if (reason instanceof Crash) ledger.crashCount += 1;
    }
    if (client.isOpen) client.destroy();
  }
}

/** Gone while the command is under way, at a moment that nobody knows. */
async function leave(client: Client, underWay: Promise<unknown>, random: Random): Promise<never> {
  underWay.catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, Math.floor(random() * 4)));
  client.destroy();
  throw new Crash();
}

async function pushAll(ledger: Ledger): Promise<void> {
  const client = await connect();
  for (let number = 0; number < JOBS; number += 1) {
    await client.lPush("queue", `job-${number}`);
    ledger.pushed.add(`job-${number}`);
  }
  client.destroy();
}

async function workReliably(client: Client, worker: number, _ledger: Ledger, random: Random) {
  const mine = `taken:${worker}`;
  // What the last life left is tried again by whoever comes.
  while ((await client.lMove(mine, "queue", "LEFT", "RIGHT")) !== null);
  for (;;) {
    const move = client.blMove("queue", mine, "RIGHT", "LEFT", 0.05);
    if (random() < CRASH_SHARE) await leave(client, move, random);
    const job = await move;
    if (_ledger.isOver) return;
    if (job === null) continue;
    const done = client.multi().hIncrBy("done", job, 1).lRem(mine, 1, job).exec();
    if (random() < CRASH_SHARE) await leave(client, done, random);
    expect(await done).toEqual([1, 1]);
  }
}

test("a queue with BLMOVE: each job done exactly once, whoever crashes", async () => {
  onTestFailed(() => console.error(`LODESTONE_SEED=${seed}`));
  const ledger = newLedger();
  const workers = Array.from({ length: WORKERS }, (_, worker) =>
    workAlways(worker, ledger, workReliably),
  );
  await pushAll(ledger);
  await server.crash();
  let client = await connect();
  while ((await client.hLen("done")) < JOBS) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  ledger.isOver = true;
  await Promise.all(workers);
  client.destroy();
  await server.crash();
  client = await connect();
  const done = await client.hGetAll("done");
  expect(Object.keys(done).sort()).toEqual([...ledger.pushed].sort());
  expect(new Set(Object.values(done))).toEqual(new Set(["1"]));
  expect(await client.lLen("queue")).toBe(0);
  expect(await client.keys("taken:*")).toEqual([]);
  expect(ledger.crashCount).toBeGreaterThan(10);
  await client.flushAll();
  client.destroy();
});

async function workPlainly(client: Client, _worker: number, ledger: Ledger, random: Random) {
  while (!ledger.isOver) {
    const pop = client.brPop(["urgent", "queue"], 0.05);
    if (random() < CRASH_SHARE) await leave(client, pop, random);
    const popped = await pop;
    if (popped !== null) ledger.handed.push(popped.element);
  }
}

test("a queue with BRPOP: nobody gets what another got, and only crashes lose", async () => {
  onTestFailed(() => console.error(`LODESTONE_SEED=${seed}`));
  const ledger = newLedger();
  const workers = Array.from({ length: WORKERS }, (_, worker) =>
    workAlways(worker, ledger, workPlainly),
  );
  await pushAll(ledger);
  const client = await connect();
  while ((await client.lLen("queue")) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  ledger.isOver = true;
  await Promise.all(workers);
  expect(new Set(ledger.handed).size).toBe(ledger.handed.length);
  for (const job of ledger.handed) expect(ledger.pushed.has(job)).toBe(true);
  const lostCount = JOBS - ledger.handed.length;
  expect(lostCount).toBeLessThanOrEqual(ledger.crashCount);
  expect(ledger.crashCount).toBeGreaterThan(10);
  expect(await client.dbSize()).toBe(0);
  client.destroy();
});
