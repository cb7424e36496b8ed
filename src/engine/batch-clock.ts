/**
 * The clock as commands see it: within a batch, the end of a command is the start of the next one,
 * and Unix time is read again only once a millisecond has passed. So a pipelined command costs one
 * reading instead of three. Outside a batch every reading is fresh.
 */
import type { Clock } from "../runtime/clock.ts";

const NEVER = Number.NEGATIVE_INFINITY;
const NOW_KEPT_MS = 1;

export class BatchClock {
  readonly #clock: Clock;
  #isInBatch: boolean;
  #endedMs: number;
  #nowMs: number;
  #nowReadAtMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#isInBatch = false;
    this.#endedMs = NEVER;
    this.#nowMs = 0;
    this.#nowReadAtMs = NEVER;
  }

  begin(): void {
    this.#isInBatch = true;
    this.#endedMs = NEVER;
    this.#nowReadAtMs = NEVER;
  }

  end(): void {
    this.#isInBatch = false;
  }

  /** Monotonic. */
  startMs(): number {
    return this.#isInBatch && this.#endedMs !== NEVER ? this.#endedMs : this.#clock.monotonicMs();
  }

  /** Monotonic; a command has ended. */
  endMs(): number {
    this.#endedMs = this.#clock.monotonicMs();
    return this.#endedMs;
  }

  /** Unix time for a command that began at `startedMs`. */
  nowMs(startedMs: number): number {
    if (!this.#isInBatch) return this.#clock.nowMs();
    if (startedMs - this.#nowReadAtMs >= NOW_KEPT_MS) {
      this.#nowMs = this.#clock.nowMs();
      this.#nowReadAtMs = startedMs;
    }
    return this.#nowMs;
  }
}
