/**
 * The twin of clock, timers and randomness: time stands still until a test moves it, and the same
 * seed gives the same numbers.
 */
import type { Clock, Random, TimerHandle, Timers } from "./clock.ts";

interface PlannedRun {
  readonly id: number;
  atMs: number;
  readonly periodMs: number;
  readonly run: () => void;
}

/** Mulberry32: small, and good enough to choose test data. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    fraction,
    hex(byteCount) {
      let text = "";
      for (let index = 0; index < byteCount * 2; index += 1) {
        text += Math.floor(fraction() * 16).toString(16);
      }
      return text;
    },
  };
}

export class FakeWorld implements Clock, Timers {
  readonly random: Random;
  #nowMs: number;
  #monotonicMs = 0;
  #nextId = 1;
  #planned: PlannedRun[] = [];
  #soon: (() => void)[] = [];

  constructor(seed = 1, nowMs = 1_700_000_000_000) {
    this.random = seededRandom(seed);
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, run: () => void): TimerHandle {
    return this.#plan(delayMs, 0, run);
  }

  every(periodMs: number, run: () => void): TimerHandle {
    return this.#plan(periodMs, periodMs, run);
  }

  soon(run: () => void): void {
    this.#soon.push(run);
  }

  /** Runs what `soon` was given, and what that gives it, at most `rounds` deep. */
  runSoon(rounds = 1000): void {
    for (let round = 0; round < rounds && this.#soon.length > 0; round += 1) {
      const due = this.#soon;
      this.#soon = [];
      for (const run of due) run();
    }
  }

  /** Moves both clocks, running each timer at its own time, in order. */
  advance(ms: number): void {
    const endMs = this.#monotonicMs + ms;
    this.runSoon();
    for (let next = this.#nextDue(endMs); next !== undefined; next = this.#nextDue(endMs)) {
      this.#move(next.atMs - this.#monotonicMs);
      if (next.periodMs > 0) next.atMs += next.periodMs;
      else this.#planned = this.#planned.filter((planned) => planned !== next);
      next.run();
      this.runSoon();
    }
    this.#move(endMs - this.#monotonicMs);
  }

  /** Wall-clock time jumps; monotonic time does not. */
  jump(ms: number): void {
    this.#nowMs += ms;
  }

  #plan(delayMs: number, periodMs: number, run: () => void): TimerHandle {
    const id = this.#nextId;
    this.#nextId += 1;
    this.#planned.push({ id, atMs: this.#monotonicMs + delayMs, periodMs, run });
    return {
      cancel: () => {
        this.#planned = this.#planned.filter((planned) => planned.id !== id);
      },
    };
  }

  #nextDue(endMs: number): PlannedRun | undefined {
    let next: PlannedRun | undefined;
    for (const planned of this.#planned) {
      if (planned.atMs > endMs) continue;
      if (next === undefined || planned.atMs < next.atMs) next = planned;
    }
    return next;
  }

  #move(ms: number): void {
    this.#monotonicMs += ms;
    this.#nowMs += ms;
  }
}
