/**
 * An open load: durable SETs and GETs at fixed rates, whatever the server does, so that two servers
 * are given the same work. A closed loop at full speed gives the faster server more of it, and on
 * few cores measures who gets the processor.
 */
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { Arrivals } from "./arrivals.ts";
import { RequestStream } from "./request-stream.ts";

const SET_CONNECTIONS = 50;
const GET_CONNECTIONS = 10;
const FILL_BATCH = 500;
const KEPT_UP_SHARE = 0.95;
const LAST_REPLIES_DEADLINE_MS = 10_000;

export interface OpenLoad {
  readonly port: number;
  readonly seed: number;
  readonly setsPerSecond: number;
  readonly getsPerSecond: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly keyCount: number;
  readonly valueBytes: number;
}

export interface OpenLoadFigures {
  readonly setsPerSecond: number;
  readonly getsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  /** From when a GET was due until it was sent: the load's own part of its latency. */
  readonly latenessP99Ms: number;
}

/** Fails if the server did not keep up: its latency would be of another, smaller load. */
export async function runOpenLoad(load: OpenLoad): Promise<OpenLoadFigures> {
  const failure = Promise.withResolvers<never>();
  const sets = await RequestStream.open(load.port, SET_CONNECTIONS, failure.reject);
  const gets = await RequestStream.open(load.port, GET_CONNECTIONS, failure.reject);
  try {
    await Promise.race([failure.promise, fill(load, sets).then(() => pace(load, sets, gets))]);
  } finally {
    sets.close();
    gets.close();
  }
  checkRate("SET", sets);
  checkRate("GET", gets);
  const latencies = gets.latenciesMs.toSorted((left, right) => left - right);
  return {
    setsPerSecond: sets.answeredPerSecond,
    getsPerSecond: gets.answeredPerSecond,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    p999Ms: percentile(latencies, 0.999),
    latenessP99Ms: percentile(
      gets.latenessMs.toSorted((left, right) => left - right),
      0.99,
    ),
  };
}

/** Every key exists before the first GET, so that each of them has a value to bring. */
async function fill({ keyCount, valueBytes }: OpenLoad, sets: RequestStream): Promise<void> {
  for (let first = 0; first < keyCount; first += FILL_BATCH) {
    const end = Math.min(first + FILL_BATCH, keyCount);
    for (let key = first; key < end; key += 1) sets.send(setRequest(key, valueBytes), 0);
    await untilAnswered([sets]);
  }
}

async function pace(load: OpenLoad, sets: RequestStream, gets: RequestStream): Promise<void> {
  // Chance of its own for each stream: how their turns interleave does not change what they send.
  const setChance = seededRandom(load.seed).fraction;
  const getChance = seededRandom(load.seed + 1).fraction;
  const setArrivals = new Arrivals(load.setsPerSecond, setChance);
  const getArrivals = new Arrivals(load.getsPerSecond, getChance);
  const keyOf = (chance: number): number => Math.floor(chance * load.keyCount);
  const makeSet = (): string => setRequest(keyOf(setChance()), load.valueBytes);
  const makeGet = (): string => getRequest(keyOf(getChance()));
  const beginMs = performance.now();
  const fromMs = beginMs + load.warmUpSeconds * 1000;
  const toMs = fromMs + load.seconds * 1000;
  for (const stream of [sets, gets]) stream.measure({ fromMs, toMs });
  await new Promise<void>((resolve) => {
    // Never asleep: a timer rounds to a millisecond, and would send a burst at each.
    const turn = (): void => {
      const nowMs = performance.now();
      const untilMs = Math.min(nowMs, toMs);
      sets.sendDue(setArrivals, beginMs, untilMs, makeSet);
      gets.sendDue(getArrivals, beginMs, untilMs, makeGet);
      if (nowMs < toMs) setImmediate(turn);
      else resolve();
    };
    turn();
  });
  await untilAnswered([sets, gets]);
}

async function untilAnswered(streams: readonly RequestStream[]): Promise<void> {
  const deadlineMs = performance.now() + LAST_REPLIES_DEADLINE_MS;
  while (streams.some(({ waitingCount }) => waitingCount > 0)) {
    if (performance.now() > deadlineMs) throw new Error("the server left requests unanswered");
    await delay(1);
  }
}

function checkRate(command: string, { offeredPerSecond, answeredPerSecond }: RequestStream): void {
  if (answeredPerSecond >= offeredPerSecond * KEPT_UP_SHARE) return;
  const [answered, offered] = [answeredPerSecond, offeredPerSecond].map(Math.round);
  throw new Error(`of ${offered} ${command}s a second only ${answered} were answered`);
}

/** The smallest latency that so large a share of the requests did not exceed. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

function setRequest(key: number, valueBytes: number): string {
  return `*3\r\n$3\r\nSET\r\n${keyArgument(key)}$${valueBytes}\r\n${"x".repeat(valueBytes)}\r\n`;
}

function getRequest(key: number): string {
  return `*2\r\n$3\r\nGET\r\n${keyArgument(key)}`;
}

/** As redis-benchmark writes keys. */
function keyArgument(key: number): string {
  return `$16\r\nkey:${String(key).padStart(12, "0")}\r\n`;
}
