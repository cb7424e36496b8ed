/**
 * Searches that were asked in this turn of the event loop, as words that cross to the kernel
 * together: one call, one wake of its threads. The layout is in `kernel/addon/batch.h`.
 *
 * They see the index as it is when they cross, so whoever changes an index sends what is staged for
 * it first. A list of searches as objects was rejected: reading them through Node-API costs more
 * than all the copying here.
 */
import type { Bitmap } from "../base/bitmap.ts";
import type { Timers } from "../runtime/clock.ts";
import { KeptFilters } from "./kept-filters.ts";
import type { KernelEngine } from "./kernel-addon.ts";

export interface StagedSearch {
  readonly index: number;
  readonly ticket: number;
  readonly query: Uint8Array;
  readonly k: number;
  /** 0 for a range. */
  readonly ef: number;
  /** Infinity for the nearest `k`. */
  readonly radius: number;
  /** Over ids; null for all. */
  readonly filter: Bitmap | null;
  /** 0 for never. */
  readonly timeoutMs: number;
  /** The answer comes with what the search took. */
  readonly isProfiled: boolean;
}

const HEAD_WORDS = 10;
const NO_FILTER = 0xffffffff;
const KEPT_FILTER = 0xfffffffe;
const NEAREST = 0;
const WITHIN_RANGE = 1;
const WITH_FIGURES = 2;
const CAPACITY_WORDS = 1 << 16;
const TIMEOUT_MS_MAX = 2 ** 31;

export class SearchStage {
  readonly #engine: KernelEngine;
  readonly #timers: Timers;
  readonly #indexes: Set<number>;
  readonly #filters: KeptFilters;
  #words: Uint32Array<ArrayBuffer>;
  #floats: Float32Array<ArrayBuffer>;
  #bytes: Uint8Array<ArrayBuffer>;
  #used: number;
  #isSendDue: boolean;

  constructor(engine: KernelEngine, timers: Timers) {
    this.#engine = engine;
    this.#timers = timers;
    this.#indexes = new Set();
    this.#filters = new KeptFilters(engine, () => this.send());
    this.#words = new Uint32Array(CAPACITY_WORDS);
    this.#floats = new Float32Array(this.#words.buffer);
    this.#bytes = new Uint8Array(this.#words.buffer);
    this.#used = 0;
    this.#isSendDue = false;
  }

  add(search: StagedSearch): void {
    const { query, filter } = search;
    const kept = filter === null ? 0 : this.#filters.numberOf(filter);
    const filterWords = filter === null ? 0 : kept === 0 ? filter.words.length : 1;
    const wordCount = HEAD_WORDS + filterWords + ((query.length + 3) >>> 2);
    if (this.#used + wordCount > this.#words.length) {
      this.send();
      if (wordCount > this.#words.length) this.#allocate(wordCount);
    }
    const at = this.#used;
    const words = this.#words;
    words[at] = wordCount;
    words[at + 1] = search.index;
    words[at + 2] = search.ticket;
    words[at + 3] = search.radius === Number.POSITIVE_INFINITY ? NEAREST : WITHIN_RANGE;
    if (search.isProfiled) words[at + 3] |= WITH_FIGURES;
    words[at + 4] = search.k;
    words[at + 5] = search.ef;
    this.#floats[at + 6] = search.radius;
    words[at + 7] = Math.min(TIMEOUT_MS_MAX, Math.ceil(search.timeoutMs));
    words[at + 8] = query.length;
    words[at + 9] = filter === null ? NO_FILTER : kept === 0 ? filterWords : KEPT_FILTER;
    if (kept !== 0) words[at + HEAD_WORDS] = kept;
    else if (filter !== null) words.set(filter.words, at + HEAD_WORDS);
    this.#bytes.set(query, (at + HEAD_WORDS + filterWords) * 4);
    this.#used += wordCount;
    this.#indexes.add(search.index);
    if (this.#isSendDue) return;
    this.#isSendDue = true;
    this.#timers.soon(() => {
      this.#isSendDue = false;
      this.send();
    });
  }

  /** Before the index changes. */
  sendFor(index: number): void {
    if (this.#used > 0 && this.#indexes.has(index)) this.send();
  }

  send(): void {
    if (this.#used === 0) return;
    const wordCount = this.#used;
    this.#used = 0;
    this.#indexes.clear();
    this.#engine.submit(this.#words, wordCount);
    // One large filter must not keep its memory for ever.
    if (this.#words.length > CAPACITY_WORDS) this.#allocate(CAPACITY_WORDS);
  }

  #allocate(wordCount: number): void {
    this.#words = new Uint32Array(wordCount);
    this.#floats = new Float32Array(this.#words.buffer);
    this.#bytes = new Uint8Array(this.#words.buffer);
  }
}
