/**
 * H3: many seeds of the simulation, each run twice, on two threads; the second run must leave the
 * same trace as the first.
 */
import { Worker } from "node:worker_threads";
import type { HarnessReport } from "../support/harness-report.ts";
import type { SeedOutcome, SeedTask } from "./seed-worker.ts";

const THREADS = 2;
const FAILURES_MAX = 5;

export interface SimulationHarnessOptions {
  readonly seedCount: number;
  readonly operations: number;
}

export function simulationSize(): SimulationHarnessOptions {
  return {
    seedCount: Number(process.env["LODESTONE_SIMULATION_SEEDS"] ?? 60),
    operations: Number(process.env["LODESTONE_SIMULATION_OPERATIONS"] ?? 2000),
  };
}

/** LODESTONE_TEST_SEED repeats one seed alone. */
export async function simulateSeeds(
  options: SimulationHarnessOptions = simulationSize(),
): Promise<HarnessReport> {
  const given = process.env["LODESTONE_TEST_SEED"];
  const first = given === undefined ? Date.now() % 1_000_000_000 : Number(given);
  const seedCount = given === undefined ? options.seedCount : 1;
  const startedMs = performance.now();
  const outcomes = await runAll(first, { ...options, seedCount });
  const total = (of: (outcome: SeedOutcome) => number): number =>
    outcomes.reduce((sum, outcome) => sum + of(outcome), 0);
  return {
    harness: "H3",
    title: "deterministic simulation of one node",
    seed: first,
    figures: {
      seeds: outcomes.length,
      operations: total(({ result }) => result.operations),
      crashes: total(({ result }) => result.crashes),
      turns: total(({ result }) => result.turns),
      comparedReplies: total(({ result }) => result.comparedReplies),
      unitsLostUnacknowledged: total(({ result }) => result.lostUnits),
      snapshots: total(({ result }) => result.snapshots),
      failedSnapshots: total(({ result }) => result.failedSnapshots),
      damagedSnapshots: total(({ result }) => result.damagedSnapshots),
      trims: total(({ result }) => result.trims),
      simulatedSeconds: Math.round(total(({ result }) => result.simulatedMs) / 1000),
      tookSeconds: Math.round((performance.now() - startedMs) / 100) / 10,
    },
    failures: outcomes.flatMap((outcome) => problemsOf(outcome, options.operations)),
  };
}

function problemsOf({ seed, result, isRepeatable }: SeedOutcome, operations: number): string[] {
  const again = `repeat with LODESTONE_TEST_SEED=${seed} and ${operations} operations`;
  const problems = result.problems.map((problem) => `seed ${seed}: ${problem}; ${again}`);
  if (!isRepeatable) problems.push(`seed ${seed}: a second run left another trace; ${again}`);
  return problems;
}

/** Seeds in turn to threads that are free, until all are done or enough have failed. */
async function runAll(
  first: number,
  { seedCount, operations }: SimulationHarnessOptions,
): Promise<SeedOutcome[]> {
  const outcomes: SeedOutcome[] = [];
  let next = 0;
  let failed = 0;
  const runThread = async (): Promise<void> => {
    const worker = new Worker(new URL("seed-worker.ts", import.meta.url));
    try {
      while (next < seedCount && failed < FAILURES_MAX) {
        const task: SeedTask = { seed: first + next, operations };
        next += 1;
        const outcome = await ask(worker, task);
        outcomes.push(outcome);
        if (problemsOf(outcome, operations).length > 0) failed += 1;
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(THREADS, seedCount) }, runThread));
  return outcomes.sort((left, right) => left.seed - right.seed);
}

function ask(worker: Worker, task: SeedTask): Promise<SeedOutcome> {
  return new Promise((resolve, reject) => {
    worker.once("error", (failure) => reject(new Error(`seed ${task.seed}: ${failure}`)));
    worker.once("message", (outcome: SeedOutcome) => {
      worker.removeAllListeners("error");
      resolve(outcome);
    });
    worker.postMessage(task);
  });
}
