/**
 * Filters that the kernel keeps a copy of: what was sent once and is asked again, unchanged,
 * crosses as a number. A copy never changes, so threads may read it for as long as they like.
 *
 * The first time a filter goes along with its search, since most are never seen again. Rejected:
 * the bitmaps themselves in shared memory, which a change would have to copy while a thread reads.
 */
import type { Bitmap } from "../base/bitmap.ts";

export interface FilterKeeper {
  /** Copies the words; the copy's number, from 1. */
  keepFilter(words: Uint32Array): number;
  /** Searches that were submitted still see it. */
  dropFilter(filter: number): void;
}

interface Sighting {
  readonly version: number;
  /** 0: seen once. */
  filter: number;
}

/** At a million documents each is 125 KB. */
const SIGHTINGS_MAX = 64;

export class KeptFilters {
  readonly #keeper: FilterKeeper;
  readonly #sendStaged: () => void;
  /** Latest used last. */
  readonly #sightings: Map<Bitmap, Sighting>;

  /** `sendStaged`: what is staged may name a copy that is dropped. */
  constructor(keeper: FilterKeeper, sendStaged: () => void) {
    this.#keeper = keeper;
    this.#sendStaged = sendStaged;
    this.#sightings = new Map();
  }

  /** The number of the filter's copy; 0: it has to go along. */
  numberOf(bitmap: Bitmap): number {
    const seen = this.#sightings.get(bitmap);
    if (seen === undefined || seen.version !== bitmap.version) {
      if (seen !== undefined) this.#forget(bitmap, seen);
      this.#sightings.set(bitmap, { version: bitmap.version, filter: 0 });
      if (this.#sightings.size > SIGHTINGS_MAX) this.#forgetOldest();
      return 0;
    }
    if (seen.filter === 0) {
      seen.filter = this.#keeper.keepFilter(bitmap.words);
      this.#sightings.delete(bitmap);
      this.#sightings.set(bitmap, seen);
    }
    return seen.filter;
  }

  #forgetOldest(): void {
    for (const [bitmap, seen] of this.#sightings) {
      this.#forget(bitmap, seen);
      break;
    }
  }

  #forget(bitmap: Bitmap, { filter }: Sighting): void {
    this.#sightings.delete(bitmap);
    if (filter === 0) return;
    this.#sendStaged();
    this.#keeper.dropFilter(filter);
  }
}
