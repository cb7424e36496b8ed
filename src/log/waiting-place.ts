/**
 * Where the disk is waited for: on another thread, or on the event loop itself.
 *
 * Handing a write to a thread and back costs the loop 10 to 15 us, and on a busy machine both wait
 * for a turn, longer than the 60 to 150 us of a flash disk. So a record that many connections wait
 * for is written by the loop while the disk is that quick. One that few wait for, and every record
 * of a slower disk, goes to the thread, since a reader should not wait for it; so does what
 * pipelines wrote, since more of theirs is there to be executed meanwhile.
 *
 * What the disk takes is learnt quickly downwards, slowly upwards: the time of a thread is in it.
 * A slow write on the loop sends those after it to the thread, twice as many each time.
 */

/** The loop is never held by an append that is expected to take longer. */
const EXPECTED_MAX_MS = 0.3;
/** What a unit may cost the loop: less than executing its command does. */
const WAIT_PER_UNIT_MS = 0.005;
const WAITERS_MIN = 16;
/** More for each who waits are pipelines. */
const UNITS_PER_WAITER_MAX = 2;
/** More bytes than that keep a thread busy by themselves, while the loop executes. */
const BYTES_MAX = 24 * 1024;
const SLOW_MS = 1;
const LEFT_OUT_MAX = 4096;
const UPWARDS = 1 / 16;

export class WaitingPlace {
  #expectedMs: number;
  /** How many appends go to the thread, and how many the next slow one will cost. */
  #leftOut: number;
  #nextLeftOut: number;

  constructor() {
    this.#expectedMs = Number.POSITIVE_INFINITY;
    this.#leftOut = 0;
    this.#nextLeftOut = 16;
  }

  get isQuick(): boolean {
    return this.#leftOut === 0 && this.#expectedMs <= EXPECTED_MAX_MS;
  }

  /** `waiterCount` connections wait for a record of so many units. */
  isOnLoop(waiterCount: number, unitCount: number, sizeBytes: number): boolean {
    return (
      this.isQuick &&
      sizeBytes <= BYTES_MAX &&
      waiterCount >= WAITERS_MIN &&
      unitCount <= waiterCount * UNITS_PER_WAITER_MAX &&
      unitCount * WAIT_PER_UNIT_MS >= this.#expectedMs
    );
  }

  /** An append ended. */
  took(durationMs: number, wasOnLoop: boolean): void {
    const isFirst = this.#expectedMs === Number.POSITIVE_INFINITY;
    if (isFirst || durationMs < this.#expectedMs) this.#expectedMs = durationMs;
    else this.#expectedMs += (durationMs - this.#expectedMs) * UPWARDS;
    if (!wasOnLoop) {
      if (this.#leftOut > 0) this.#leftOut -= 1;
    } else if (durationMs > SLOW_MS) {
      this.#leftOut = this.#nextLeftOut;
      this.#nextLeftOut = Math.min(LEFT_OUT_MAX, this.#nextLeftOut * 2);
    } else if (this.#nextLeftOut > 16) {
      this.#nextLeftOut -= 1;
    }
  }
}
