/**
 * The order of everything in a simulation: one queue of turns that the seed picks from, and a clock
 * that moves when nobody has anything to do.
 *
 * A turn is a timer, a completion of the disk, a chunk of the network, or what a client does next.
 * Whatever is due may come next, which allows every order that an event loop could have and some
 * more. Reading the clock takes a little time, so that work in slices has an end.
 */
import type { Random } from "../../src/runtime/clock.ts";

/** What a reading of the clock takes: next to nothing, or enough to cut work into many slices. */
const READING_MS = [0.004, 0.1];
const STARTED_AT_MS = 1_700_000_000_000;

interface Turn {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
  isCancelled: boolean;
}

export class Scheduler {
  readonly random: Random;
  turnCount = 0;
  readonly #readingMs: number;
  #monotonicMs = 0;
  #jumpedMs = 0;
  #order = 0;
  #turns: Turn[] = [];

  constructor(random: Random) {
    this.random = random;
    this.#readingMs = READING_MS[this.below(READING_MS.length)];
  }

  monotonicMs(): number {
    this.#monotonicMs += this.#readingMs;
    return this.#monotonicMs;
  }

  nowMs(): number {
    this.#monotonicMs += this.#readingMs;
    return this.wallMs;
  }

  /** Without taking time. */
  get elapsedMs(): number {
    return this.#monotonicMs;
  }

  get wallMs(): number {
    return Math.floor(STARTED_AT_MS + this.#monotonicMs + this.#jumpedMs);
  }

  /** The wall clock is set; monotonic time goes on. */
  jump(ms: number): void {
    this.#jumpedMs += ms;
  }

  /** Nobody runs for so long. */
  pause(ms: number): void {
    this.#monotonicMs += ms;
  }

  after(delayMs: number, run: () => void): { cancel(): void } {
    this.#order += 1;
    const dueMs = this.#monotonicMs + Math.max(0, delayMs);
    const turn: Turn = { dueMs, order: this.#order, run, isCancelled: false };
    this.#turns.push(turn);
    return {
      cancel: () => {
        turn.isCancelled = true;
      },
    };
  }

  /** From 0 to less than `limit`. */
  below(limit: number): number {
    return Math.floor(this.random.fraction() * limit);
  }

  happens(share: number): boolean {
    return this.random.fraction() < share;
  }

  /** One turn; false when nothing is planned. */
  step(): boolean {
    let turn = this.#take();
    while (turn?.isCancelled === true) turn = this.#take();
    if (turn === undefined) return false;
    this.turnCount += 1;
    turn.run();
    return true;
  }

  #take(): Turn | undefined {
    const turns = this.#turns;
    let dueCount = 0;
    let earliest = Number.POSITIVE_INFINITY;
    for (const turn of turns) {
      if (turn.dueMs <= this.#monotonicMs) dueCount += 1;
      if (turn.dueMs < earliest) earliest = turn.dueMs;
    }
    if (turns.length === 0) return undefined;
    if (dueCount === 0) {
      this.#monotonicMs = earliest;
      for (const turn of turns) if (turn.dueMs <= earliest) dueCount += 1;
    }
    let left = this.below(dueCount);
    for (let index = 0; index < turns.length; index += 1) {
      const turn = turns[index];
      if (turn.dueMs > this.#monotonicMs) continue;
      if (left === 0) {
        const last = turns.pop();
        if (last !== undefined && index < turns.length) turns[index] = last;
        return turn;
      }
      left -= 1;
    }
    return undefined;
  }
}
