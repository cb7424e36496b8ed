/**
 * A thread that simulates the seeds that it is given, each twice, and says what came of each.
 */
import { parentPort } from "node:worker_threads";
import { must } from "../../src/base/assert.ts";
import { type SimulationResult, simulate } from "./simulation.ts";

export interface SeedTask {
  readonly seed: number;
  readonly operations: number;
}

export interface SeedOutcome {
  readonly seed: number;
  readonly result: SimulationResult;
  readonly isRepeatable: boolean;
}

const port = must(parentPort, "this runs in a thread");

port.on("message", async ({ seed, operations }: SeedTask) => {
  const result = await simulate({ seed, operations });
  const again = await simulate({ seed, operations, isJudged: false });
  const isRepeatable = again.digest === result.digest;
  port.postMessage({ seed, result, isRepeatable } satisfies SeedOutcome);
});
