/**
 * How fast rows go into a graph: a moving average over the last seconds of work, which forgets
 * itself when nothing was built for a while.
 */
import type { Clock } from "../runtime/clock.ts";

const WINDOW_MS = 500;
const IDLE_MS = 5_000;
/** Weight of the newest window. */
const NEWEST = 0.4;

export class BuildRate {
  readonly #clock: Clock;
  #rate: number;
  #windowStartMs: number;
  #windowCount: number;
  #lastMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#rate = 0;
    this.#windowStartMs = 0;
    this.#windowCount = 0;
    this.#lastMs = Number.NEGATIVE_INFINITY;
  }

  note(count: number): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#lastMs > IDLE_MS) {
      this.#rate = 0;
      this.#windowStartMs = nowMs;
      this.#windowCount = 0;
    }
    this.#lastMs = nowMs;
    this.#windowCount += count;
    const spentMs = nowMs - this.#windowStartMs;
    if (spentMs < WINDOW_MS) return;
    const rate = (this.#windowCount * 1000) / spentMs;
    this.#rate = this.#rate === 0 ? rate : this.#rate + NEWEST * (rate - this.#rate);
    this.#windowStartMs = nowMs;
    this.#windowCount = 0;
  }

  /** 0 when idle or not known yet. */
  perSecond(): number {
    const isIdle = this.#clock.monotonicMs() - this.#lastMs > IDLE_MS;
    return isIdle ? 0 : this.#rate;
  }

  /** -1 when not known. */
  secondsFor(count: number): number {
    const rate = this.perSecond();
    return rate === 0 ? -1 : count / rate;
  }
}
