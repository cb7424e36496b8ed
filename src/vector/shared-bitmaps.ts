/**
 * Bitmaps as threads see them: copies in shared memory that stay as they are while a search that
 * was given one is under way. Memory is kept for the next copies; it is never shared between two
 * searches that saw different contents.
 */
import type { Bitmap } from "../base/bitmap.ts";
import type { SharedWords } from "./vector-protocol.ts";

/** A copy, and how many searches still use it. */
export interface Snapshot {
  readonly words: SharedWords;
  users: number;
}

const KEPT_MAX = 64;

export class SnapshotPool {
  readonly #kept: SharedWords[];

  constructor() {
    this.#kept = [];
  }

  /** Copies words `0` to `count`; has one user. */
  copy(bitmap: Bitmap, count: number): Snapshot {
    const shared = this.#take(count);
    const filled = Math.min(count, bitmap.words.length);
    shared.set(filled === bitmap.words.length ? bitmap.words : bitmap.words.subarray(0, filled));
    shared.fill(0, filled);
    return { words: shared, users: 1 };
  }

  release(snapshot: Snapshot): void {
    snapshot.users -= 1;
    if (snapshot.users === 0 && this.#kept.length < KEPT_MAX) this.#kept.push(snapshot.words);
  }

  #take(count: number): SharedWords {
    const last = this.#kept.pop();
    // One that is much too large would be scanned for nothing.
    if (last !== undefined && last.length >= count && last.length <= count * 2 + 64) return last;
    const capacity = Math.max(32, 2 ** Math.ceil(Math.log2(Math.max(1, count))));
    return new Uint32Array(new SharedArrayBuffer(capacity * 4));
  }
}

/** One bitmap's snapshot, made anew only after a change. */
export class CurrentSnapshot {
  readonly #pool: SnapshotPool;
  #snapshot: Snapshot | null;

  constructor(pool: SnapshotPool) {
    this.#pool = pool;
    this.#snapshot = null;
  }

  /** The bitmap has changed. */
  drop(): void {
    if (this.#snapshot === null) return;
    this.#pool.release(this.#snapshot);
    this.#snapshot = null;
  }

  /** One more user, who releases it. */
  take(bitmap: Bitmap, wordCount: number): Snapshot {
    this.#snapshot ??= this.#pool.copy(bitmap, wordCount);
    this.#snapshot.users += 1;
    return this.#snapshot;
  }
}
