/**
 * Clock, timers and randomness: the world's unpredictable parts, injected everywhere.
 * `FakeWorld` is the twin for tests: time stands still until a test moves it.
 */
// The global of the same name is looked up anew on every call, which commands would pay.
import { performance } from "node:perf_hooks";

export interface Clock {
  /** Unix time. May jump. */
  nowMs(): number;
  /** Never goes back; fractional milliseconds. */
  monotonicMs(): number;
}

export interface TimerHandle {
  cancel(): void;
}

export interface Timers {
  after(delayMs: number, run: () => void): TimerHandle;
  every(periodMs: number, run: () => void): TimerHandle;
  /** Runs after pending input and output were handled once; for work in slices. */
  soon(run: () => void): void;
}

export interface Random {
  /** 0 <= x < 1. */
  fraction(): number;
  /** Hexadecimal digits from a cryptographic source. */
  hex(byteCount: number): string;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

export const systemTimers: Timers = {
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
  every(periodMs, run) {
    const timer = setInterval(run, periodMs);
    return { cancel: () => clearInterval(timer) };
  },
  soon(run) {
    setImmediate(run);
  },
};

export const systemRandom: Random = {
  fraction: () => Math.random(),
  hex(byteCount) {
    return Buffer.from(crypto.getRandomValues(new Uint8Array(byteCount))).toString("hex");
  },
};
