/**
 * What is measured on one server: loading until every document is indexed, and closed-loop queries
 * (each connection has one under way). The generator's own share of a core is reported with every
 * figure, because a generator that is busy measures itself.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { quantile } from "../statistics.ts";
import { Connection } from "./connection.ts";
import type { RecallOptions } from "./options.ts";
import type { Target } from "./target.ts";
import {
  type Corpus,
  createCommand,
  documentCommand,
  hitsIn,
  INDEX,
  K,
  queryCommand,
  type Scenario,
  type Workload,
} from "./workload.ts";

const LOAD_CONNECTIONS = 4;
const LOAD_PIPELINE = 64;
const WARM_UP_SHARE = 0.15;
const MICROSECONDS = 1e6;

export interface LoadFigures {
  readonly documents: number;
  readonly acknowledgedSeconds: number;
  /** Until no document waits for the graph any more. */
  readonly indexedSeconds: number;
  readonly documentsPerSecond: number;
  readonly generatorShare: number;
}

export interface QueryFigures {
  readonly target: string;
  readonly scenario: string;
  readonly share: number;
  readonly ef: number;
  readonly recall: number;
  readonly queriesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly short: number;
  readonly generatorShare: number;
}

export async function load(
  target: Target,
  corpus: Corpus,
  options: Pick<RecallOptions, "m" | "efConstruction">,
): Promise<LoadFigures> {
  const connections = await openAll(target, LOAD_CONNECTIONS);
  await connections[0].command("FT.DROPINDEX", INDEX, "DD").catch(() => undefined);
  await connections[0].send(createCommand(corpus, options.m, options.efConstruction));
  const count = corpus.dataset.vectorCount;
  const startMs = performance.now();
  const usage = process.cpuUsage();
  let next = 0;
  await Promise.all(
    connections.map(async (connection) => {
      while (next < count) {
        const batch: Promise<unknown>[] = [];
        for (; batch.length < LOAD_PIPELINE && next < count; next += 1) {
          batch.push(connection.send(documentCommand(corpus, next)));
        }
        await Promise.all(batch);
      }
    }),
  );
  const acknowledgedSeconds = (performance.now() - startMs) / 1000;
  const generatorShare = cpuShare(usage, acknowledgedSeconds);
  await whenIndexed(connections[0], count);
  const indexedSeconds = (performance.now() - startMs) / 1000;
  for (const connection of connections) connection.close();
  return {
    documents: count,
    acknowledgedSeconds,
    indexedSeconds,
    documentsPerSecond: count / indexedSeconds,
    generatorShare,
  };
}

export async function measureQueries(
  target: Target,
  workload: Workload,
  scenario: Scenario,
  ef: number,
  options: RecallOptions,
): Promise<QueryFigures> {
  const commands = scenario.truths.map((_, query) => queryCommand(workload, scenario, query, ef));
  const connections = await openAll(target, options.clients);
  const latencies: number[] = [];
  const replies = new Map<number, unknown>();
  let next = 0;
  let endMs = performance.now() + options.seconds * WARM_UP_SHARE * 1000;
  const client = async (connection: Connection) => {
    while (performance.now() < endMs) {
      const query = next % commands.length;
      next += 1;
      const sentMs = performance.now();
      const reply = await connection.send(commands[query]);
      latencies.push(performance.now() - sentMs);
      if (!replies.has(query)) replies.set(query, reply);
    }
  };
  await Promise.all(connections.map(client));
  latencies.length = 0;
  const startMs = performance.now();
  const usage = process.cpuUsage();
  endMs = startMs + options.seconds * 1000;
  await Promise.all(connections.map(client));
  const seconds = (performance.now() - startMs) / 1000;
  const generatorShare = cpuShare(usage, seconds);
  for (const [query, command] of commands.entries()) {
    if (!replies.has(query)) replies.set(query, await connections[0].send(command));
  }
  for (const connection of connections) connection.close();
  return {
    target: target.name,
    scenario: scenario.name,
    share: scenario.share,
    ef,
    ...quality(scenario, replies),
    queriesPerSecond: latencies.length / seconds,
    ...{ p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99) },
    generatorShare,
  };
}

function quality(
  scenario: Scenario,
  replies: ReadonlyMap<number, unknown>,
): { recall: number; short: number } {
  let hits = 0;
  let wanted = 0;
  let short = 0;
  scenario.truths.forEach((truth, query) => {
    const reply = replies.get(query);
    hits += hitsIn(reply, truth);
    wanted += truth.rows.size;
    const found = Array.isArray(reply) ? (reply.length - 1) / 2 : 0;
    if (found < Math.min(K, truth.rows.size)) short += 1;
  });
  return { recall: wanted === 0 ? 1 : hits / wanted, short };
}

/** Resolves once all is in the graph. */
export async function whenIndexed(connection: Connection, count: number): Promise<void> {
  for (;;) {
    const info = await connection.command("FT.INFO", INDEX);
    const fields = new Map<string, unknown>();
    if (Array.isArray(info)) {
      for (let at = 0; at + 1 < info.length; at += 2) fields.set(String(info[at]), info[at + 1]);
    }
    const isCounted = Number(fields.get("num_docs")) >= count;
    const isIndexing = Number(fields.get("indexing") ?? 0) !== 0;
    const tail = Number(fields.get("tail_documents") ?? 0);
    if (isCounted && !isIndexing && tail === 0) return;
    await sleep(20);
  }
}

function cpuShare(since: NodeJS.CpuUsage, seconds: number): number {
  const usage = process.cpuUsage(since);
  return (usage.user + usage.system) / MICROSECONDS / seconds;
}

function openAll(target: Target, count: number): Promise<Connection[]> {
  return Promise.all(
    Array.from({ length: count }, () => Connection.open(target.host, target.port)),
  );
}
