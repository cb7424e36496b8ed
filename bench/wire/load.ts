/**
 * Puts load on one server with redis-benchmark and reads its figures.
 */
import assert from "node:assert/strict";
import { execFile, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Scenario } from "./scenarios.ts";
import { endChild, ownChild } from "./servers.ts";

const KEY_COUNT = 100_000;
const VALUE_BYTES = 64;
const PACED_SETS = fileURLToPath(new URL("paced-sets.ts", import.meta.url));
const KEPT_UP_SHARE = 0.95;
const run = promisify(execFile);

export interface Figures {
  readonly requestsPerSecond: number;
  readonly p99Ms: number;
}

/** What is missing on PATH, with how to get it; undefined when all is there. */
export function missingProgram(): string | undefined {
  for (const program of ["redis-server", "redis-benchmark"]) {
    if (spawnSync(program, ["--version"]).error === undefined) continue;
    return `${program} is not on PATH; Debian: apt-get install redis-server redis-tools`;
  }
  return undefined;
}

export async function measure(scenario: Scenario, port: number): Promise<Figures> {
  const { command, clients, pipeline, requests, backgroundSetsPerSecond } = scenario;
  const background =
    backgroundSetsPerSecond > 0 ? await startSets(port, backgroundSetsPerSecond) : undefined;
  let figures: Figures;
  try {
    const args = [...loadArgs(port, command, clients, pipeline, requests), "--csv"];
    const benchmark = run("redis-benchmark", args);
    ownChild(benchmark.child);
    figures = readFigures((await benchmark).stdout);
  } finally {
    await background?.stop();
  }
  return figures;
}

/** Any one command, by fifty clients; `words` may hold `__rand_int__`, below `range`. */
export async function measureCommand(
  words: readonly string[],
  port: number,
  load: { readonly pipeline: number; readonly requests: number; readonly range: number },
): Promise<Figures> {
  const { pipeline, requests, range } = load;
  const args = `-h 127.0.0.1 -p ${port} -c 50 -P ${pipeline} -n ${requests} -r ${range} --csv`;
  const benchmark = run("redis-benchmark", [...args.split(" "), ...words]);
  ownChild(benchmark.child);
  return readFigures((await benchmark).stdout);
}

interface BackgroundSets {
  stop(): Promise<void>;
}

/** `stop` fails if the server did not keep up: then its latency is not comparable. */
async function startSets(port: number, setsPerSecond: number): Promise<BackgroundSets> {
  const args = [PACED_SETS, port, setsPerSecond, KEY_COUNT, VALUE_BYTES].map(String);
  const child = ownChild(spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] }));
  assert(child.stdout !== null);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return {
    async stop() {
      child.kill("SIGTERM");
      const last = await lines.next();
      await endChild(child);
      const answered = Number(last.value);
      if (last.done === true || !(answered >= setsPerSecond * KEPT_UP_SHARE)) {
        throw new Error(`of ${setsPerSecond} SETs a second ${Math.round(answered)} were answered`);
      }
    },
  };
}

function loadArgs(
  port: number,
  command: string,
  clients: number,
  pipeline: number,
  requests: number,
): string[] {
  return `-h 127.0.0.1 -p ${port} -t ${command} -c ${clients} -P ${pipeline} -n ${requests}`
    .split(" ")
    .concat(["-r", String(KEY_COUNT), "-d", String(VALUE_BYTES)]);
}

function readFigures(output: string): Figures {
  const rows = output
    .trim()
    .split("\n")
    .map((line) => line.split(",").map((cell) => cell.replaceAll('"', "")));
  const head = rows.find((row) => row.includes("rps"));
  const values = rows.at(-1);
  if (head === undefined || values === undefined || values === head) {
    throw new Error(`redis-benchmark said something else:\n${output}`);
  }
  const figure = (name: string): number => Number(values[head.indexOf(name)]);
  return { requestsPerSecond: figure("rps"), p99Ms: figure("p99_latency_ms") };
}
