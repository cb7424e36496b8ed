/**
 * `npm run bench -- wire --types`: one command of every kind, ours beside redis-server in turns, by
 * fifty clients, unpipelined and sixteen at a time; writes also with a durable log.
 */
import { BulkClient } from "../bulk-client.ts";
import { threadTimes, timesSince } from "../search-cpu/thread-times.ts";
import { median } from "../statistics.ts";
import { type Conversation, conversations, converse, fillFor } from "./conversations.ts";
import { type Figures, measureCommand } from "./load.ts";
import type { Scenario } from "./scenarios.ts";
import { type BenchServer, startLodestone, startRedis } from "./servers.ts";
import { digits, RANGE, type TypeScenario, typeScenarios } from "./type-scenarios.ts";

const REQUESTS = 100_000;
/** Unpipelined writes to a disk, and what this process itself drives, take longer. */
const SLOW_SHARE = 0.3;
const PIPELINES = [1, 16] as const;
/** Nothing is below it without pipelines, or the reason is written down. */
const BAR = 0.5;

export interface TypesOptions {
  readonly only: string;
  readonly persistence: string;
  readonly repetitions: number;
  readonly scale: number;
}

/** Beside what the clients saw, what the server's processor time was for each request. */
interface CostedFigures extends Figures {
  readonly processorMicroseconds: number;
}

export interface TypeResult {
  readonly name: string;
  readonly ours: readonly CostedFigures[];
  readonly redis: readonly CostedFigures[];
  readonly ratio: number;
}

interface Servers {
  readonly persistence: Scenario["persistence"];
  readonly ours: BenchServer;
  readonly redis: BenchServer;
}

export async function compareTypes(options: TypesOptions): Promise<TypeResult[]> {
  const results: TypeResult[] = [];
  console.log(
    "| command                      |  ours/s | redis/s | ratio | met | p99 ms: ours | redis | CPU µs: ours | redis |",
  );
  console.log(
    "| :--------------------------- | ------: | ------: | ----: | :-- | -----------: | ----: | -----------: | ----: |",
  );
  for (const persistence of ["memory", "durable"] as const) {
    if (!persistence.includes(options.persistence)) continue;
    const ours = await startLodestone(persistence);
    const redis = await startRedis(persistence);
    await measureAll({ persistence, ours, redis }, options, results);
    await ours.stop();
    await redis.stop();
  }
  return results;
}

async function measureAll(
  servers: Servers,
  options: TypesOptions,
  results: TypeResult[],
): Promise<void> {
  for (const scenario of typeScenarios) {
    if (!isWanted(scenario.name, options.only)) continue;
    if (servers.persistence === "durable" && !scenario.isWrite) continue;
    for (const pipeline of PIPELINES) {
      results.push(await compareCommand(servers, scenario, pipeline, options));
    }
  }
  for (const conversation of conversations) {
    if (!isWanted(conversation.name, options.only)) continue;
    results.push(await compareConversation(servers, conversation, options));
  }
}

/** `only` is a name, or several with commas between, or the begin of one with a star. */
function isWanted(name: string, only: string): boolean {
  if (only === "") return true;
  return only.split(",").some((wanted) => {
    return wanted.endsWith("*") ? name.startsWith(wanted.slice(0, -1)) : name === wanted;
  });
}

async function compareCommand(
  servers: Servers,
  scenario: TypeScenario,
  pipeline: number,
  { repetitions, scale }: TypesOptions,
): Promise<TypeResult> {
  const isSlow = servers.persistence === "durable" && pipeline === 1;
  const share = (scenario.share ?? 1) * (isSlow ? SLOW_SHARE : 1) * (pipeline === 1 ? 1 : 2);
  const requests = Math.ceil(REQUESTS * share * scale);
  const words = scenario.command.split(" ");
  const ours: CostedFigures[] = [];
  const redis: CostedFigures[] = [];
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    const isFilled = repetition > 0 && scenario.isConsuming !== true;
    for (const [server, figures] of [
      [servers.ours, ours],
      [servers.redis, redis],
    ] as const) {
      if (!isFilled) await fill(server.port, scenario, requests);
      const load = { pipeline, requests, range: RANGE };
      figures.push(
        await withCost(server, requests, () => measureCommand(words, server.port, load)),
      );
    }
  }
  return judge(
    `${servers.persistence} ${scenario.name}${pipeline === 1 ? "" : " -P 16"}`,
    ours,
    redis,
  );
}

/** Makes the data, and runs the command once: redis-benchmark would hide an error. */
async function fill(port: number, scenario: TypeScenario, requests: number): Promise<void> {
  const client = await BulkClient.open(port);
  await client.command("FLUSHALL");
  await client.load(scenario.fill(requests + 1));
  const words = scenario.command.split(" ");
  await client.command(...words.map((word) => word.replaceAll("__rand_int__", digits(1))));
  client.close();
}

async function compareConversation(
  servers: Servers,
  conversation: Conversation,
  { repetitions, scale }: TypesOptions,
): Promise<TypeResult> {
  const exchanges = Math.ceil(REQUESTS * SLOW_SHARE * scale);
  const ours: CostedFigures[] = [];
  const redis: CostedFigures[] = [];
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    for (const [server, figures] of [
      [servers.ours, ours],
      [servers.redis, redis],
    ] as const) {
      await fillFor(conversation, server.port, exchanges);
      figures.push(
        await withCost(server, exchanges, () => converse(conversation, server.port, exchanges)),
      );
    }
  }
  return judge(`${servers.persistence} ${conversation.name}`, ours, redis);
}

/** Of all threads, in user space and in the kernel. */
async function withCost(
  { pid }: BenchServer,
  requests: number,
  measure: () => Promise<Figures>,
): Promise<CostedFigures> {
  const before = threadTimes(pid);
  const figures = await measure();
  const { eventLoop, kernel, build, rest } = timesSince(pid, before);
  return { ...figures, processorMicroseconds: (eventLoop + kernel + build + rest) / requests };
}

function judge(
  name: string,
  ours: readonly CostedFigures[],
  redis: readonly CostedFigures[],
): TypeResult {
  const middle = (all: readonly CostedFigures[], figure: keyof CostedFigures): number =>
    median(all.map((figures) => figures[figure]));
  const ratio = middle(ours, "requestsPerSecond") / middle(redis, "requestsPerSecond");
  const both = (figure: keyof CostedFigures, digits: number, widths: readonly number[]): string[] =>
    [ours, redis].map((all, at) => middle(all, figure).toFixed(digits).padStart(widths[at]));
  const cells = [
    name.padEnd(28),
    ...both("requestsPerSecond", 0, [7, 7]),
    ratio.toFixed(2).padStart(5),
    ratio >= BAR ? "yes" : "no ",
    ...both("p99Ms", 2, [12, 5]),
    ...both("processorMicroseconds", 1, [12, 5]),
  ];
  console.log(`| ${cells.join(" | ")} |`);
  return { name, ours, redis, ratio };
}
