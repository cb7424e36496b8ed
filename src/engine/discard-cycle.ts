/**
 * Lets go in slices of what was deleted (`keyspace/discards.ts`): a million vectors would hold the
 * loop for a quarter of a second. Between two slices commands run.
 */
import type { Discards } from "../keyspace/discards.ts";
import type { Clock, Timers } from "../runtime/clock.ts";

const SLICE_MS = 1;
/** Vectors between two looks at the clock. */
const AT_ONCE_MAX = 512;

export class DiscardCycle {
  readonly #discards: Discards;
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #timers: Pick<Timers, "soon">;
  #isDue: boolean;

  constructor(discards: Discards, clock: Pick<Clock, "monotonicMs">, timers: Pick<Timers, "soon">) {
    this.#discards = discards;
    this.#clock = clock;
    this.#timers = timers;
    this.#isDue = false;
    discards.watch(() => this.#schedule());
  }

  #schedule(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#timers.soon(() => this.#slice());
  }

  #slice(): void {
    this.#isDue = false;
    const deadlineMs = this.#clock.monotonicMs() + SLICE_MS;
    do this.#discards.releaseSome(AT_ONCE_MAX);
    while (!this.#discards.isEmpty && this.#clock.monotonicMs() < deadlineMs);
    if (!this.#discards.isEmpty) this.#schedule();
  }
}
