/**
 * Seals: where the writers of an index rest, an effect cuts the batch that its graphs take in next.
 *
 * A graph is a function of the sequence of changes and of where it is cut into batches. If each
 * node cut by its own clock, no two graphs would be equal, and none equal to its own after a
 * restart; so the primary's clock decides once, and the log tells everybody. One seal follows each
 * rest: while nothing changes, nothing more is written.
 */
import { type Effect, EffectId } from "../keyspace/effect.ts";
import type { Clock, TimerHandle, Timers } from "../runtime/clock.ts";
import type { SearchCatalog } from "../search/catalog.ts";

const PERIOD_MS = 250;

export interface SealCycleParts {
  readonly catalog: Pick<SearchCatalog, "indexesToSeal">;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly timers: Pick<Timers, "every">;
  /** False while the log takes no writes, or CLIENT PAUSE holds them. */
  readonly mayWrite: () => boolean;
  readonly applyUnit: (effects: readonly Effect[]) => void;
}

export class SealCycle {
  readonly #parts: SealCycleParts;
  #timer: TimerHandle | undefined;

  constructor(parts: SealCycleParts) {
    this.#parts = parts;
    this.#timer = undefined;
  }

  start(): void {
    this.#timer ??= this.#parts.timers.every(PERIOD_MS, () => this.#look());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #look(): void {
    const { catalog, clock, mayWrite, applyUnit } = this.#parts;
    if (!mayWrite()) return;
    const names = catalog.indexesToSeal(clock.monotonicMs());
    if (names.length > 0) applyUnit(names.map((name) => ({ id: EffectId.indexSeal, name })));
  }
}
