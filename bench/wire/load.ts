/**
 * Puts load on one server with redis-benchmark and reads its figures.
 */
import { execFile, spawn, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import type { Scenario } from "./scenarios.ts";
import { endChild, ownChild } from "./servers.ts";

const KEY_COUNT = 100_000;
const VALUE_BYTES = 64;
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
  const { command, clients, pipeline, requests, hasBackgroundSets } = scenario;
  const background = hasBackgroundSets
    ? ownChild(
        spawn("redis-benchmark", [...loadArgs(port, "set", 50, 1, 1), "-l"], { stdio: "ignore" }),
      )
    : undefined;
  try {
    const args = [...loadArgs(port, command, clients, pipeline, requests), "--csv"];
    const benchmark = run("redis-benchmark", args);
    ownChild(benchmark.child);
    const { stdout } = await benchmark;
    if (background !== undefined && background.exitCode !== null) {
      throw new Error("the SETs in the background ended too early");
    }
    return readFigures(stdout);
  } finally {
    if (background !== undefined) await endChild(background);
  }
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
