/**
 * How much more than what the client sent one unit may still write to the log: whole values
 * (RENAME, COPY, SUNIONSTORE), and what commands asked to take (BITOP's results, SPOP's members).
 * It looks at each effect once, whatever a MULTI asks for.
 */
import { limits } from "../base/limits.ts";
import { type Effect, EffectId } from "../keyspace/effect.ts";
import { restoredSize } from "../keyspace/restored-value.ts";

export class UnitRoom {
  #seenCount: number;
  #usedBytes: number;

  constructor() {
    this.#seenCount = 0;
    this.#usedBytes = 0;
  }

  begin(): void {
    this.#seenCount = 0;
    this.#usedBytes = 0;
  }

  take(byteCount: number): void {
    this.#usedBytes += byteCount;
  }

  /** Below 0 if more was written than should have been. */
  leftBytes(effects: readonly Effect[]): number {
    for (; this.#seenCount < effects.length; this.#seenCount += 1) {
      const effect = effects[this.#seenCount];
      if (effect.id === EffectId.keyRestore) this.#usedBytes += restoredSize(effect.value);
    }
    return limits.restoredBytesMax - this.#usedBytes;
  }
}
