/**
 * Active expiry: removes keys and fields whose time has passed even if nobody asks for them.
 *
 * Every tenth of a second a slice of at most 1 ms removes fields that have passed, for half of that
 * time, and walks on through the keys that have an expiry. What has passed goes by effects, so that
 * the log and every replica agree. While fields are left, or a quarter or more of the keys that a
 * slice met had passed, the next slice follows soon.
 */
import type { Database } from "../keyspace/database.ts";
import { type Effect, EffectId } from "../keyspace/effect.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { Clock, TimerHandle, Timers } from "../runtime/clock.ts";
import { firstPassedFields } from "./field-expiry.ts";
import type { LatencyMonitor } from "./latency-monitor.ts";
import type { ServerStatistics } from "./statistics.ts";

const PERIOD_MS = 100;
const SLICE_MS = 1;
/** Keys between two looks at the clock: a document leaves its indexes in tens of microseconds. */
const SAMPLE_COUNT = 16;
const BUSY_SHARE = 0.25;

export class ExpiryCycle {
  isOn: boolean;
  /** CLIENT PAUSE. */
  isSuspended: boolean;
  readonly #keyspace: Keyspace;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #statistics: ServerStatistics;
  readonly #applyUnit: (effects: readonly Effect[], nowMs: number) => void;
  readonly #isRefused: () => boolean;
  readonly #latencyEvents: LatencyMonitor;
  #timer: TimerHandle | undefined;
  #database: number;
  /** By database: places among the keys with an expiry that are left to visit. */
  readonly #leftPlaces: number[];
  readonly #effects: Effect[];

  constructor(
    keyspace: Keyspace,
    clock: Clock,
    timers: Timers,
    statistics: ServerStatistics,
    applyUnit: (effects: readonly Effect[], nowMs: number) => void,
    isRefused: () => boolean,
    latencyEvents: LatencyMonitor,
  ) {
    this.isOn = true;
    this.isSuspended = false;
    this.#keyspace = keyspace;
    this.#clock = clock;
    this.#timers = timers;
    this.#statistics = statistics;
    this.#applyUnit = applyUnit;
    this.#isRefused = isRefused;
    this.#latencyEvents = latencyEvents;
    this.#timer = undefined;
    this.#database = 0;
    this.#leftPlaces = keyspace.databases.map(() => 0);
    this.#effects = [];
  }

  start(): void {
    this.#timer ??= this.#timers.every(PERIOD_MS, () => this.slice());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Walks on for at most 1 ms, at most once around; comes back soon if much had passed. */
  slice(): void {
    if (!this.isOn || this.isSuspended || this.#isRefused()) return;
    const startedMs = this.#clock.monotonicMs();
    const deadlineMs = startedMs + SLICE_MS;
    const areFieldsLeft = !this.#removeFields(startedMs + SLICE_MS / 2);
    const databases = this.#keyspace.databases;
    let walkedCount = 0;
    let expiredCount = 0;
    let isOver = false;
    for (let visited = 0; visited < databases.length && !isOver; visited += 1) {
      let leftCount = databases[this.#database].expiringCount;
      while (leftCount > 0 && !isOver) {
        const sampledCount = Math.min(SAMPLE_COUNT, leftCount);
        expiredCount += this.#sample(databases[this.#database], sampledCount);
        walkedCount += sampledCount;
        leftCount -= sampledCount;
        isOver = this.#clock.monotonicMs() >= deadlineMs;
      }
      if (leftCount === 0) this.#database = (this.#database + 1) % databases.length;
    }
    const endedMs = this.#clock.monotonicMs();
    this.#latencyEvents.note("expire-cycle", endedMs - startedMs, this.#clock.nowMs());
    if (walkedCount > 0) this.#statistics.staleExpiredPercent = (expiredCount * 100) / walkedCount;
    if (!isOver && !areFieldsLeft) return;
    this.#statistics.expiryTimeLimitCount += 1;
    const isBusy = isOver && expiredCount >= walkedCount * BUSY_SHARE;
    if ((areFieldsLeft || isBusy) && this.#timer !== undefined) {
      this.#timers.soon(() => this.slice());
    }
  }

  /** Whether it removed all fields that have passed, in all databases, before its time was up. */
  #removeFields(deadlineMs: number): boolean {
    const { databases } = this.#keyspace;
    const nowMs = this.#clock.nowMs();
    for (let visited = 0; visited < databases.length; visited += 1) {
      const database = (this.#database + visited) % databases.length;
      for (;;) {
        const passed = firstPassedFields(databases, database, nowMs);
        if (passed === undefined) break;
        this.#applyUnit([passed.effect], nowMs);
        this.#statistics.expiredFields += passed.fieldCount;
        if (this.#clock.monotonicMs() >= deadlineMs) return false;
      }
    }
    return true;
  }

  /** Looks at the next keys of the present database; how many had passed and are removed. */
  #sample(database: Database, count: number): number {
    const nowMs = this.#clock.nowMs();
    for (let index = 0; index < count; index += 1) {
      const location = this.#next(database);
      if (database.expiryMsAt(location) >= nowMs) continue;
      this.#effects.push({
        id: EffectId.keyDelete,
        database: this.#database,
        key: database.keyAt(location),
        reason: "expired",
      });
    }
    const expiredCount = this.#effects.length;
    if (expiredCount > 0) this.#applyUnit(this.#effects, nowMs);
    this.#statistics.expiredKeys += expiredCount;
    this.#effects.length = 0;
    return expiredCount;
  }

  /** Downwards: what a removal moves comes from places that were visited. */
  #next(database: Database): number {
    const left = this.#leftPlaces[this.#database];
    const place =
      (left === 0 ? database.expiringCount : Math.min(left, database.expiringCount)) - 1;
    this.#leftPlaces[this.#database] = place;
    return database.expiringAt(place);
  }
}
