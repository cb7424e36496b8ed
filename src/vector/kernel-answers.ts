/**
 * Who waits for the kernel, by ticket, and what comes back for them: all answers that are there, in
 * one turn. A search that timed out is told at once, and its answer, when it comes, is dropped.
 *
 * Who waits is called without a promise in between, so never while a command runs: an index that a
 * command closes tells its searches in a microtask.
 */
import type { Clock, TimerHandle, Timers } from "../runtime/clock.ts";
import type { KernelEngine } from "./kernel-addon.ts";
import { type Neighbors, SearchTimeout } from "./vector-index.ts";

export interface Waiting {
  readonly index: number;
  /** By the monotonic clock; Infinity for never. */
  readonly deadlineMs: number;
  /** `figures`: null unless they were asked for; see `kernel/addon/batch.h`. */
  readonly resolve: (neighbors: Neighbors, figures: Uint32Array | null) => void;
  readonly reject: (failure: Error) => void;
}

const HEAD_WORDS = 5;
const DONE = 0;
const LATE = 1;
const METHODS = ["empty", "exact", "graph", "graph+tail"] as const;
const CAPACITY_WORDS = 1 << 14;
/** Searches that time out are told at this grain. */
const EXPIRY_GRAIN_MS = 5;

export class KernelAnswers {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #waiting: Map<number, Waiting>;
  #ticket: number;
  #words: Uint32Array<ArrayBuffer>;
  #floats: Float32Array<ArrayBuffer>;
  #expiry: TimerHandle | null;

  constructor(clock: Clock, timers: Timers) {
    this.#clock = clock;
    this.#timers = timers;
    this.#waiting = new Map();
    this.#ticket = 0;
    this.#words = new Uint32Array(CAPACITY_WORDS);
    this.#floats = new Float32Array(this.#words.buffer);
    this.#expiry = null;
  }

  /** The ticket to ask with. */
  wait(waiting: Waiting): number {
    this.#ticket = (this.#ticket + 1) >>> 0;
    this.#waiting.set(this.#ticket, waiting);
    if (waiting.deadlineMs !== Number.POSITIVE_INFINITY) this.#watchDeadlines();
    return this.#ticket;
  }

  /** What the kernel calls when there are answers. */
  take(engine: KernelEngine): void {
    for (;;) {
      const wordCount = engine.takeAnswers(this.#words);
      if (wordCount < 0) {
        this.#allocate(-wordCount);
        continue;
      }
      if (!(wordCount > 0)) break;
      this.#read(wordCount);
    }
    if (this.#words.length > CAPACITY_WORDS) this.#allocate(CAPACITY_WORDS);
  }

  #allocate(wordCount: number): void {
    this.#words = new Uint32Array(wordCount);
    this.#floats = new Float32Array(this.#words.buffer);
  }

  rejectAll(failure: Error, index?: number): void {
    for (const [ticket, waiting] of this.#waiting) {
      if (index !== undefined && waiting.index !== index) continue;
      this.#waiting.delete(ticket);
      queueMicrotask(() => waiting.reject(failure));
    }
    if (this.#waiting.size === 0) this.#stopWatching();
  }

  #read(wordCount: number): void {
    const words = this.#words;
    for (let at = 0; at < wordCount; ) {
      const count = words[at + 3];
      const ids = at + HEAD_WORDS;
      const distances = ids + count;
      const figures = distances + count;
      const end = figures + words[at + 4];
      const waiting = this.#waiting.get(words[at]);
      if (waiting !== undefined) {
        this.#waiting.delete(words[at]);
        const status = words[at + 1];
        if (status === DONE) {
          const neighbors: Neighbors = {
            ids: words.slice(ids, distances),
            distances: this.#floats.slice(distances, figures),
            method: METHODS[words[at + 2]],
          };
          waiting.resolve(neighbors, figures === end ? null : words.slice(figures, end));
        } else {
          waiting.reject(status === LATE ? late() : noMemory());
        }
      }
      at = end;
    }
  }

  #watchDeadlines(): void {
    this.#expiry ??= this.#timers.every(EXPIRY_GRAIN_MS, () => {
      const nowMs = this.#clock.monotonicMs();
      let hasDeadline = false;
      for (const [ticket, waiting] of this.#waiting) {
        if (waiting.deadlineMs === Number.POSITIVE_INFINITY) continue;
        if (nowMs <= waiting.deadlineMs) {
          hasDeadline = true;
          continue;
        }
        this.#waiting.delete(ticket);
        waiting.reject(late());
      }
      if (!hasDeadline) this.#stopWatching();
    });
  }

  #stopWatching(): void {
    this.#expiry?.cancel();
    this.#expiry = null;
  }
}

function late(): Error {
  return new SearchTimeout("the search did not end in time");
}

function noMemory(): Error {
  return new Error("the vector index has no memory left");
}
