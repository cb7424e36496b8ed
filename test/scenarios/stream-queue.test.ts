/**
 * A work queue on a stream over ioredis: consumers of a group wait for jobs, do them and
 * acknowledge them; many of them crash in the middle, and those who come after claim what was
 * left. In the middle the server is killed, too.
 *
 * It fails if an entry is delivered to nobody (a consumer that waits is not woken, a group's
 * place comes back wrong), if what was pending at a dead consumer cannot be claimed, or if an
 * entry that was acknowledged is delivered again or can be acknowledged twice.
 */
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, onTestFailed, test } from "vitest";
import { type Random, seededRandom } from "../support/command-grammar.ts";
import { startTestServer, type TestServer } from "../support/test-server.ts";

const JOBS = 1500;
const PRODUCERS = 3;
const CONSUMERS = 6;
/** Of the steps of a consumer: before it does a job, and before it hears of its acknowledgement. */
const CRASH_SHARE = 0.03;
const BLOCK_MS = 50;
/** A job that long without an answer is another's. */
const CLAIM_IDLE_MS = 30;

const seed = Number(process.env["LODESTONE_SEED"] ?? Date.now() % 2 ** 31);
const [stream, group] = ["jobs", "workers"];

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

/** A connection that is never mended: whoever loses it comes back as somebody new. */
async function connect(): Promise<Redis> {
  for (;;) {
    const client = new Redis({
      host: "127.0.0.1",
      port: server.port,
      lazyConnect: true,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
    });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.exists(stream);
      return client;
    } catch {
      client.disconnect();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

interface Ledger {
  /** Id by job, of entries whose XADD was answered. */
  readonly added: Map<string, string>;
  readonly doneCount: Map<string, number>;
  /** By id: XACKs that were answered 1. */
  readonly acknowledgedCount: Map<string, number>;
  crashCount: number;
  claimedCount: number;
  isOver: boolean;
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

async function produce(producer: number, ledger: Ledger): Promise<void> {
  let client = await connect();
  for (let number = producer; number < JOBS; number += PRODUCERS) {
    const job = `job-${number}`;
    while (!ledger.added.has(job)) {
      try {
        const id = await client.xadd(stream, "*", "job", job);
        ledger.added.set(job, String(id));
      } catch {
        client.disconnect();
        client = await connect();
        // The answer is lost: whether the entry is there, only the stream knows.
        const entries = await client.xrange(stream, "-", "+");
        const entry = entries.find(([, fields]) => fields[1] === job);
        if (entry !== undefined) ledger.added.set(job, entry[0]);
      }
    }
  }
  client.disconnect();
}

class Crash extends Error {}

/** Until all is done: one life after the other. */
async function consume(consumer: number, ledger: Ledger): Promise<void> {
  const random = seededRandom(seed + 100 + consumer);
  for (let life = 0; !ledger.isOver; life += 1) {
    const client = await connect();
    try {
      await live(client, `consumer-${consumer}-${life}`, ledger, random);
    } catch (reason) {
      if (reason instanceof Crash) ledger.crashCount += 1;
    }
    client.disconnect();
  }
}

async function live(client: Redis, name: string, ledger: Ledger, random: Random): Promise<void> {
  const from = ["STREAMS", stream, ">"] as const;
  while (!ledger.isOver) {
    const reply = await client.xreadgroup(
      "GROUP",
      group,
      name,
      "COUNT",
      3,
      "BLOCK",
      BLOCK_MS,
      ...from,
    );
    for (const [, entries] of reply ?? []) {
      for (const [id, fields] of entries) await work(client, [id, fields ?? []], ledger, random);
    }
    const claimed = await client.xautoclaim(stream, group, name, CLAIM_IDLE_MS, "0", "COUNT", 5);
    for (const entry of claimed[1] as Entry[]) {
      ledger.claimedCount += 1;
      await work(client, entry, ledger, random);
    }
  }
}

type Entry = readonly [id: string, fields: readonly string[]];

async function work(client: Redis, [id, [, job]]: Entry, ledger: Ledger, random: Random) {
  if (random() < CRASH_SHARE) throw new Crash();
  count(ledger.doneCount, job);
  const answer = client.xack(stream, group, id);
  if (random() < CRASH_SHARE) {
    answer.catch(() => {});
    throw new Crash();
  }
  if ((await answer) === 1) count(ledger.acknowledgedCount, id);
}

async function whenAllIsDone(ledger: Ledger): Promise<void> {
  let client = await connect();
  for (;;) {
    try {
      const [pendingCount] = (await client.xpending(stream, group)) as [number];
      const isDone = ledger.added.size === JOBS && ledger.doneCount.size === JOBS;
      if (isDone && pendingCount === 0) break;
    } catch {
      client.disconnect();
      client = await connect();
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  client.disconnect();
}

async function check(client: Redis, ledger: Ledger): Promise<void> {
  const entries = await client.xrange(stream, "-", "+");
  expect(entries.map(([, fields]) => fields[1]).sort()).toEqual([...ledger.added.keys()].sort());
  for (const [id, [, job]] of entries) expect(ledger.added.get(job)).toBe(id);
  for (const [id, times] of ledger.acknowledgedCount) expect([id, times]).toEqual([id, 1]);
  for (const [id] of entries) expect(await client.xack(stream, group, id)).toBe(0);
  const [about] = (await client.xinfo("GROUPS", stream)) as (string | number)[][];
  const named = new Map(about.map((value, at) => [value, about[at + 1]]));
  expect(named.get("last-delivered-id")).toBe(entries.at(-1)?.[0]);
  expect(named.get("pending")).toBe(0);
}

test("a work queue on a stream: each job done, acknowledged once, nothing lost", async () => {
  onTestFailed(() => console.error(`LODESTONE_SEED=${seed}`));
  const ledger: Ledger = {
    added: new Map(),
    doneCount: new Map(),
    acknowledgedCount: new Map(),
    crashCount: 0,
    claimedCount: 0,
    isOver: false,
  };
  const first = await connect();
  await first.xgroup("CREATE", stream, group, "$", "MKSTREAM");
  first.disconnect();
  const producers = Array.from({ length: PRODUCERS }, (_, producer) => produce(producer, ledger));
  const consumers = Array.from({ length: CONSUMERS }, (_, consumer) => consume(consumer, ledger));
  while (ledger.doneCount.size < JOBS / 3) await new Promise((resolve) => setTimeout(resolve, 5));
  await server.crash();
  await Promise.all(producers);
  await whenAllIsDone(ledger);
  ledger.isOver = true;
  await Promise.all(consumers);
  const last = await connect();
  await check(last, ledger);
  last.disconnect();
  await server.crash();
  const fresh = await connect();
  await check(fresh, ledger);
  fresh.disconnect();
  expect(ledger.crashCount).toBeGreaterThan(10);
  expect(ledger.claimedCount).toBeGreaterThan(0);
});
