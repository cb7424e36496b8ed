/**
 * Timers of one node among many: what is tried again every second is tried again at once, and what
 * is dead does nothing any more, holds no memory and keeps no process alive.
 */
import { systemTimers, type TimerHandle, type Timers } from "../../src/runtime/clock.ts";

export const DELAY_MAX_MS = 3;

export class MortalTimers implements Timers {
  readonly #handles: TimerHandle[] = [];
  #isDead = false;

  after(delayMs: number, run: () => void): TimerHandle {
    return this.#keep(systemTimers.after(Math.min(delayMs, DELAY_MAX_MS), run));
  }

  every(periodMs: number, run: () => void): TimerHandle {
    return this.#keep(systemTimers.every(periodMs, run));
  }

  soon(run: () => void): void {
    systemTimers.soon(() => {
      if (!this.#isDead) run();
    });
  }

  die(): void {
    this.#isDead = true;
    for (const handle of this.#handles) handle.cancel();
  }

  #keep(handle: TimerHandle): TimerHandle {
    this.#handles.push(handle);
    return handle;
  }
}
