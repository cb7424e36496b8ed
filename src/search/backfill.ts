/**
 * Backfill: the keys that existed before an index, taken in slices.
 *
 * Changes reach the index meanwhile as always, so the walk is over once it met as many keys as
 * there were at the start: those come first in the order of insertion, and what came later was
 * indexed by its own change. So no rate of writes can keep it from ending.
 *
 * Slices fall between changes by the clock, so the ids of what is found in them, and graphs made of
 * it, are not a function of the log: they do not compare equal after a restart.
 */
import type { KeyspaceView } from "../keyspace/view.ts";
import type { LiveIndex } from "./live-index.ts";
import type { BackfillProgress } from "./search-index.ts";

export class Backfill {
  readonly index: LiveIndex;
  readonly finished: Promise<void>;
  readonly #view: KeyspaceView;
  readonly #keys: IterableIterator<string>;
  readonly #nowMs: () => number;
  readonly #startedMs: number;
  #resolve: () => void;
  #isDone: boolean;
  #keysDone: number;
  readonly #keysTotal: number;

  constructor(index: LiveIndex, view: KeyspaceView, nowMs: () => number) {
    this.index = index;
    this.#view = view;
    this.#keys = view.walk(0);
    this.#nowMs = nowMs;
    this.#startedMs = nowMs();
    this.#resolve = () => {};
    this.finished = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#isDone = false;
    this.#keysDone = 0;
    this.#keysTotal = view.keyCount(0);
  }

  /** Works until `deadlineMs` (monotonic); whether nothing is left to do. */
  run(deadlineMs: number): boolean {
    const startedMs = this.#nowMs();
    let nowMs = startedMs;
    while (!this.#isDone && nowMs < deadlineMs) {
      const next = this.#keys.next();
      if (next.done === true) {
        this.#finish();
        break;
      }
      this.#visit(next.value);
      nowMs = this.#nowMs();
    }
    this.index.indexingMs += this.#nowMs() - startedMs;
    return this.#isDone;
  }

  /** The index is gone, or starts again; whoever waits is let go. */
  cancel(): void {
    this.#isDone = true;
    this.#resolve();
  }

  progress(): BackfillProgress {
    const keysTotal = this.#keysTotal;
    const elapsedSeconds = (this.#nowMs() - this.#startedMs) / 1000;
    const rate = elapsedSeconds > 0 ? this.#keysDone / elapsedSeconds : 0;
    const secondsLeft = rate > 0 ? (keysTotal - this.#keysDone) / rate : -1;
    return { keysDone: this.#keysDone, keysTotal, rate, secondsLeft };
  }

  #visit(key: string): void {
    this.#keysDone = Math.min(this.#keysDone + 1, this.#keysTotal);
    if (!this.index.coversKey(key)) return;
    const entry = this.#view.peek(0, key);
    if (entry?.value.type === "hash") this.index.put(key, entry.value, entry.expiryMs);
  }

  #finish(): void {
    this.#isDone = true;
    this.index.backfill = undefined;
    this.#resolve();
  }
}
