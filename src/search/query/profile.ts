/**
 * What FT.PROFILE notes of a search while it runs: the time of each step, and what the vector
 * engine says of its part. A search that comes back to the engine for more adds up.
 */
import type { Neighbors } from "../../vector/vector-index.ts";

type Step = "parse" | "prepare" | "filter" | "engine" | "sort" | "load";

export class SearchProfile {
  readonly isLimited: boolean;
  readonly startedMs: number;
  readonly stepMs: Record<Step, number>;
  /** Documents that pass the filter; undefined where there was none to evaluate. */
  filterCount: number | undefined;
  /** How often the engine was asked. */
  askCount: number;
  /** The last answers. */
  nearest: Neighbors | undefined;
  ranges: readonly Neighbors[];
  readonly #nowMs: () => number;

  constructor(isLimited: boolean, nowMs: () => number) {
    this.isLimited = isLimited;
    this.startedMs = nowMs();
    this.stepMs = { parse: 0, prepare: 0, filter: 0, engine: 0, sort: 0, load: 0 };
    this.filterCount = undefined;
    this.askCount = 0;
    this.nearest = undefined;
    this.ranges = [];
    this.#nowMs = nowMs;
  }

  get totalMs(): number {
    return this.#nowMs() - this.startedMs;
  }

  time<Result>(step: Step, run: () => Result): Result {
    const startedMs = this.#nowMs();
    const result = run();
    this.stepMs[step] += this.#nowMs() - startedMs;
    return result;
  }

  async wait<Result>(answer: Promise<Result>): Promise<Result> {
    const startedMs = this.#nowMs();
    const result = await answer;
    this.stepMs.engine += this.#nowMs() - startedMs;
    return result;
  }
}

/** `run`, with its time noted if there is a profile. */
export function timed<Result>(
  profile: SearchProfile | undefined,
  step: Step,
  run: () => Result,
): Result {
  return profile === undefined ? run() : profile.time(step, run);
}
