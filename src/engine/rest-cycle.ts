/**
 * Rests: after work, when the process does little, what the allocator keeps goes back.
 *
 * glibc keeps a freed page while one above it is in use, and with 6 KB for each argument of an HSET
 * those are many: a load of vectors left 15 to 25 % of the process's memory behind, for good.
 * Rejected: giving pages back while there is work, which fetches them again, cleared.
 * V8 frees dead buffers in its own time, seconds later, so a rest that lasts is used again.
 */
import type { TimerHandle, Timers } from "../runtime/clock.ts";
import type { ProcessFacts } from "./engine-parts.ts";

export const REST_PERIOD_MS = 1000;
/** Of one processor, in a period: less is a rest. */
const BUSY_SHARE = 0.25;
/** Processor time since pages were given back for which it is worth while. */
const WORK_SECONDS_MIN = 1;
/** Of a rest: where V8 has collected what it will. */
const SECOND_LOOK = 15;

export class RestCycle {
  readonly #timers: Pick<Timers, "every">;
  readonly #process: Pick<ProcessFacts, "processorSeconds" | "giveBackMemory">;
  #timer: TimerHandle | undefined;
  #lastSeconds: number;
  #givenBackSeconds: number;
  /** Periods of rest since pages were given back; none after the second time. */
  #restCount: number;

  constructor(
    timers: Pick<Timers, "every">,
    process: Pick<ProcessFacts, "processorSeconds" | "giveBackMemory">,
  ) {
    this.#timers = timers;
    this.#process = process;
    this.#timer = undefined;
    this.#lastSeconds = 0;
    // What the start took counts as work.
    this.#givenBackSeconds = Number.NEGATIVE_INFINITY;
    this.#restCount = SECOND_LOOK;
  }

  start(): void {
    if (this.#timer !== undefined) return;
    this.#lastSeconds = this.#seconds();
    this.#timer = this.#timers.every(REST_PERIOD_MS, () => this.#look());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #look(): void {
    const seconds = this.#seconds();
    const isBusy = seconds - this.#lastSeconds > (BUSY_SHARE * REST_PERIOD_MS) / 1000;
    this.#lastSeconds = seconds;
    if (isBusy) return;
    this.#restCount += 1;
    const hasWorked = seconds - this.#givenBackSeconds >= WORK_SECONDS_MIN;
    if (!hasWorked && this.#restCount !== SECOND_LOOK) return;
    this.#process.giveBackMemory();
    if (hasWorked) this.#restCount = 0;
    this.#givenBackSeconds = this.#seconds();
  }

  #seconds(): number {
    const { system, user } = this.#process.processorSeconds();
    return system + user;
  }
}
