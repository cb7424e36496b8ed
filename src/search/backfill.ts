/**
 * Backfill: the keys that existed before an index, taken in slices.
 *
 * The primary looks at some keys (`nextSlice`) and writes those that the index lacks to the log, an
 * effect a slice; what comes back of it, there and wherever the log is read, goes into the index
 * (`take`). So where slices fall among writes is read and not chosen again, and ids and graphs are
 * a function of the log. Who becomes primary walks again over all that is there then.
 *
 * A write indexes its own key at once. The walk goes down the dense order of keys (`data/
 * dense-places.ts`), and `left` places are left: whoever was there at the start is met, and what
 * came later is not waited for, so no rate of writes can keep it from ending.
 */
import { limits } from "../base/limits.ts";
import type { KeyspaceView } from "../keyspace/view.ts";
import type { BackfillSlice } from "./catalog.ts";
import type { LiveIndex } from "./live-index.ts";
import type { BackfillProgress } from "./search-index.ts";

/** Places looked at for one slice: of keys that are not the index's, each is quick. */
const VISITS_MAX = 256;

export class Backfill {
  readonly finished: Promise<void>;
  readonly #index: LiveIndex;
  readonly #view: KeyspaceView;
  readonly #nowMs: () => number;
  #resolve: () => void;
  #left: number;
  #keysTotal: number;
  /** Since when the rate is counted, and what was left then. */
  #startedMs: number;
  #leftThen: number;

  constructor(index: LiveIndex, view: KeyspaceView, nowMs: () => number) {
    this.#index = index;
    this.#view = view;
    this.#nowMs = nowMs;
    this.#resolve = () => {};
    this.finished = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#keysTotal = view.keyCount(0);
    this.#left = this.#keysTotal;
    this.#startedMs = nowMs();
    this.#leftThen = this.#left;
  }

  /**
   * From here on this process looks for slices: what it read of them tells nothing of its rate, nor
   * where it has to go on. A snapshot brings keys back in another order, so the walk begins anew;
   * keys that are in the index already are passed over.
   */
  goOn(): void {
    this.#keysTotal = this.#view.keyCount(0);
    this.#left = this.#keysTotal;
    this.#startedMs = this.#nowMs();
    this.#leftThen = this.#left;
  }

  /** What is to be written next; nothing, if it has no keys and places are left. */
  nextSlice(): BackfillSlice {
    const keys: string[] = [];
    let sizeBytes = 0;
    let left = Math.min(this.#left, this.#view.keyCount(0));
    const leastLeft = Math.max(0, left - VISITS_MAX);
    while (
      left > leastLeft &&
      keys.length < limits.backfillSliceKeysMax &&
      sizeBytes < limits.backfillSliceBytesMax
    ) {
      left -= 1;
      const key = this.#view.keyAtPlace(0, left);
      if (!this.#index.coversKey(key)) continue;
      if (this.#index.documents.idOf(key) !== undefined) continue;
      const entry = this.#view.peek(0, key);
      if (entry?.value.type !== "hash") continue;
      keys.push(key);
      sizeBytes += entry.sizeBytes;
    }
    this.#left = left;
    return { name: this.#index.name, left, keys };
  }

  /** A slice that stands in the log. */
  take(keys: readonly string[], left: number): void {
    const startedMs = this.#nowMs();
    for (const key of keys) {
      const entry = this.#view.peek(0, key);
      if (entry?.value.type === "hash") this.#index.put(key, entry.value, entry.expiryMs);
    }
    this.#left = left;
    this.#index.indexingMs += this.#nowMs() - startedMs;
    if (left > 0) return;
    this.#index.backfill = undefined;
    this.#resolve();
  }

  /** The index is gone, or starts again; whoever waits is let go. */
  cancel(): void {
    this.#resolve();
  }

  progress(): BackfillProgress {
    const elapsedSeconds = (this.#nowMs() - this.#startedMs) / 1000;
    const rate = elapsedSeconds > 0 ? (this.#leftThen - this.#left) / elapsedSeconds : 0;
    const secondsLeft = rate > 0 ? this.#left / rate : -1;
    const keysDone = this.#keysTotal - this.#left;
    return { keysDone, keysTotal: this.#keysTotal, rate, secondsLeft };
  }
}
