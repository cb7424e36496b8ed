/**
 * Puts load on one server, from a process of its own, and reads its figures: redis-benchmark for
 * rates, our open load for latencies.
 */
import { execFile, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { OpenLoad, OpenLoadFigures } from "./open-load.ts";
import type { LatencyScenario, RateScenario, Scenario } from "./scenarios.ts";
import { ownChild } from "./servers.ts";

const KEY_COUNT = 100_000;
const VALUE_BYTES = 64;
const WARM_UP_SECONDS = 2;
const OPEN_LOAD = fileURLToPath(new URL("open-load-process.ts", import.meta.url));
const run = promisify(execFile);

export interface Figures {
  readonly requestsPerSecond: number;
  readonly p99Ms: number;
  /** What else an open load tells. */
  readonly openLoad?: OpenLoadFigures;
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
  return scenario.figure === "p99Ms"
    ? await measureLatency(scenario, port)
    : await measureRate(scenario, port);
}

async function measureRate(scenario: RateScenario, port: number): Promise<Figures> {
  const { command, clients, pipeline, requests } = scenario;
  const args = [...loadArgs(port, command, clients, pipeline, requests), "--csv"];
  return readFigures(await outputOf("redis-benchmark", args));
}

async function measureLatency(scenario: LatencyScenario, port: number): Promise<Figures> {
  const { seed, setsPerSecond, getsPerSecond, seconds } = scenario;
  const load: OpenLoad = {
    ...{ port, seed, setsPerSecond, getsPerSecond, seconds },
    warmUpSeconds: WARM_UP_SECONDS,
    keyCount: KEY_COUNT,
    valueBytes: VALUE_BYTES,
  };
  const output = await outputOf(process.execPath, [OPEN_LOAD, JSON.stringify(load)]);
  const openLoad = JSON.parse(output) as OpenLoadFigures;
  return { requestsPerSecond: openLoad.getsPerSecond, p99Ms: openLoad.p99Ms, openLoad };
}

async function outputOf(program: string, args: readonly string[]): Promise<string> {
  const running = run(program, args);
  ownChild(running.child);
  return (await running).stdout;
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
