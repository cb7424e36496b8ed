/**
 * Runs one harness in a process of its own: one that dies, or hangs, is a report with that failure.
 */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { HarnessReport } from "../support/harness-report.ts";
import type { Harness } from "./harnesses.ts";
import type { RunOptions } from "./options.ts";

const PROGRAM = fileURLToPath(new URL("./run-one.ts", import.meta.url));
/** Many times what the slowest needs; for what hangs. */
const MINUTES_MAX = 15;
const RELEASE_MINUTES_MAX = 24 * 60;

function failed(harness: string, seed: number | undefined, failure: string): HarnessReport {
  const title = "did not come to its end";
  return { harness, title, seed, figures: {}, failures: [failure] };
}

function environmentOf(
  { bar, release }: Pick<Harness, "bar" | "release">,
  { seed, isRelease }: RunOptions,
): NodeJS.ProcessEnv {
  const sizes = isRelease ? release : bar;
  const seeds = seed === undefined ? {} : { LODESTONE_TEST_SEED: String(seed) };
  // What the caller sets counts more.
  return { ...sizes, ...process.env, ...seeds };
}

export interface RunLimits {
  /** Takes the harness's name and sends its report. */
  readonly program?: string;
  readonly timeLimitMs?: number;
}

export function runHarness(
  harness: Pick<Harness, "name" | "bar" | "release">,
  options: RunOptions,
  limits: RunLimits = {},
): Promise<HarnessReport> {
  const minutesMax = options.isRelease ? RELEASE_MINUTES_MAX : MINUTES_MAX;
  const timeLimitMs = limits.timeLimitMs ?? minutesMax * 60_000;
  const child = fork(limits.program ?? PROGRAM, [harness.name], {
    env: environmentOf(harness, options),
    stdio: ["ignore", process.stderr, process.stderr, "ipc"],
  });
  return new Promise((resolve) => {
    let report: HarnessReport | undefined;
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      child.kill("SIGKILL");
    }, timeLimitMs);
    child.on("message", (message) => {
      report = message as HarnessReport;
    });
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      const end = isLate ? `hangs: no end in ${timeLimitMs} ms` : `ended with ${signal ?? code}`;
      if (report === undefined) resolve(failed(harness.name, options.seed, end));
      else if (code === 0) resolve(report);
      else resolve({ ...report, failures: [...report.failures, end] });
    });
  });
}
