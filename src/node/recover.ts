/**
 * Recovery: read, verify, apply, index. State = fold(apply, every effect of the log), of which the
 * newest snapshot has the beginning.
 *
 * The readers verify; this applies each record whole, lets the event loop breathe (clients get
 * LOADING meanwhile), and says how far it is: about every second in the log, always in INFO.
 */
import { AssertionFailure } from "../base/assert.ts";
import { ByteReader, MalformedBytes } from "../base/byte-reader.ts";
import type { Effect } from "../keyspace/effect.ts";
import { decodeEffect } from "../keyspace/effect-codec.ts";
import { checkFits } from "../keyspace/effect-fit.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { FileDriver } from "../log/driver-file.ts";
import {
  LogDamaged,
  type LogDriver,
  type LogTail,
  LogUnfit,
  type ReadProgress,
  type StoredRecord,
  type TornTail,
} from "../log/log-driver.ts";
import type { Clock, Timers } from "../runtime/clock.ts";
import { failpoint, heldAt } from "../runtime/failpoint.ts";
import type { Logger } from "../runtime/logger.ts";
import type { SnapshotReader } from "../snapshot/snapshot-reader.ts";
import {
  cleanSnapshots,
  type RestoredSnapshot,
  restoreNewest,
  type SnapshotSource,
} from "./restore-snapshot.ts";

const SLICE_MS = 10;
const REPORT_PERIOD_MS = 1000;

export interface RecoveryProgress {
  readonly startedAtMs: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly recordsDone: number;
  readonly bytesPerSecond: number;
  readonly secondsLeft: number;
}

export interface RecoveryWorld {
  readonly clock: Clock;
  readonly timers: Pick<Timers, "soon">;
  readonly logger: Logger;
}

export interface Recovered {
  readonly tail: LogTail;
  readonly torn: TornTail | undefined;
  /** Of the log alone. */
  readonly effectCount: number;
  /** Bytes of the effects that the log has behind the snapshot. */
  readonly tailBytes: number;
  /** When the first of these was sealed; undefined if there is none, or it does not say. */
  readonly tailSinceMs: number | undefined;
  readonly snapshot: RestoredSnapshot | undefined;
  readonly durationMs: number;
}

/** `onProgress` is called whenever the event loop gets a turn. */
export async function recover(
  driver: LogDriver,
  keyspace: Keyspace,
  world: RecoveryWorld,
  onProgress: (progress: RecoveryProgress) => void,
  source?: SnapshotSource,
): Promise<Recovered> {
  const startedAt = world.clock.monotonicMs();
  const reading = new Reading(keyspace, world, onProgress);
  let snapshot: RestoredSnapshot | undefined;
  if (source !== undefined && driver instanceof FileDriver) {
    await driver.hold();
    await cleanSnapshots(source, world.logger);
    snapshot = await reading.restore(source, driver);
  }
  const { tail, torn } = await driver.open(reading.visit, snapshot);
  const { effectCount, tailBytes, tailSinceMs } = reading;
  const durationMs = world.clock.monotonicMs() - startedAt;
  return { tail, torn, effectCount, tailBytes, tailSinceMs, snapshot, durationMs };
}

/** Snapshot and log once more, into another keyspace (DEBUG RELOAD); the newest sequence. */
export async function readBack(
  driver: FileDriver,
  keyspace: Keyspace,
  world: RecoveryWorld,
  source: SnapshotSource,
): Promise<number> {
  const reading = new Reading(keyspace, world, () => undefined);
  const snapshot = await reading.restore({ ...source, takers: [] }, driver);
  const tail = await driver.readAgain(reading.visit, snapshot);
  return tail.sequence;
}

/** Applies what is read, lets the event loop breathe, and says how far it is. */
class Reading {
  effectCount = 0;
  tailBytes = 0;
  tailSinceMs: number | undefined;
  readonly #keyspace: Keyspace;
  readonly #world: RecoveryWorld;
  readonly #onProgress: (progress: RecoveryProgress) => void;
  readonly #startedAtMs: number;
  readonly #startedAt: number;
  #sliceStart: number;
  #reportedAt: number;
  /** Of the snapshot, which counts as done when records come. */
  #snapshotBytes = 0;

  constructor(
    keyspace: Keyspace,
    world: RecoveryWorld,
    onProgress: (progress: RecoveryProgress) => void,
  ) {
    this.#keyspace = keyspace;
    this.#world = world;
    this.#onProgress = onProgress;
    this.#startedAtMs = world.clock.nowMs();
    this.#startedAt = world.clock.monotonicMs();
    this.#sliceStart = this.#startedAt;
    this.#reportedAt = this.#startedAt;
  }

  async restore(source: SnapshotSource, driver: FileDriver): Promise<RestoredSnapshot | undefined> {
    const { logger } = this.#world;
    let tailBytes = 0;
    let tailOf = -1;
    const progress = async (bytesDone: number, { sequence, sizeBytes }: SnapshotReader) => {
      if (tailOf !== sequence) tailBytes = await driver.sizeBehind(sequence);
      tailOf = sequence;
      const bytesTotal = sizeBytes + tailBytes;
      await this.#breath({ bytesDone, bytesTotal, recordsDone: 0 }, heldAt("recover.held"));
    };
    const nowMs = this.#startedAtMs;
    const restored = await restoreNewest(source, driver, this.#keyspace, nowMs, logger, progress);
    this.#snapshotBytes = restored?.sizeBytes ?? 0;
    return restored;
  }

  readonly visit = (record: StoredRecord, done: ReadProgress): Promise<void> | undefined => {
    this.effectCount += applyRecord(this.#keyspace, record, this.#startedAtMs);
    this.tailBytes += record.payload.length;
    if (record.payload.length > 0 && record.timeMs > 0) this.tailSinceMs ??= record.timeMs;
    failpoint("recover.applied");
    const { bytesDone, bytesTotal, recordsDone } = done;
    const before = this.#snapshotBytes;
    return this.#breath(
      { bytesDone: before + bytesDone, bytesTotal: before + bytesTotal, recordsDone },
      heldAt("recover.held"),
    );
  };

  #breath(done: ReadProgress, held: Promise<void> | undefined): Promise<void> | undefined {
    const { clock, timers, logger } = this.#world;
    const now = clock.monotonicMs();
    if (held === undefined && now - this.#sliceStart < SLICE_MS) return undefined;
    const progress = progressOf(this.#startedAtMs, now - this.#startedAt, done);
    this.#onProgress(progress);
    if (now - this.#reportedAt >= REPORT_PERIOD_MS) {
      this.#reportedAt = now;
      logger.info(progressFields(progress), "reading snapshot and log back");
    }
    const breath = new Promise<void>((resolve) => {
      timers.soon(() => {
        this.#sliceStart = clock.monotonicMs();
        resolve();
      });
    });
    return held === undefined ? breath : held.then(() => breath);
  }
}

/** The count of effects applied. */
export function applyRecord(keyspace: Keyspace, record: StoredRecord, nowMs: number): number {
  keyspace.releaseValues();
  const reader = new ByteReader(record.payload);
  let count = 0;
  try {
    while (reader.remaining > 0) {
      for (let left = reader.u32(); left > 0; left -= 1) {
        const effect = decodeEffect(reader);
        checkDatabases(effect, keyspace.databases.length);
        checkFits(keyspace, effect);
        keyspace.apply(effect, nowMs);
        count += 1;
      }
    }
  } catch (failure) {
    throw explained(record.sequence, failure);
  }
  return count;
}

/** Whoever wrote it, the log is what is wrong here: a start that is tried again changes nothing. */
function explained(sequence: number, failure: unknown): unknown {
  const name = `record ${sequence} of the log is sound but`;
  if (failure instanceof MalformedBytes) {
    return new LogDamaged(
      `${name} cannot be understood: ${failure.message}. Was it written by a newer version?`,
    );
  }
  if (failure instanceof AssertionFailure) {
    return new LogDamaged(`${name} does not fit what was written before it: ${failure.message}`);
  }
  return failure;
}

function checkDatabases(effect: Effect, databaseCount: number): void {
  const database = "database" in effect ? effect.database : 0;
  const highest = "other" in effect ? Math.max(database, effect.other) : database;
  if (highest < databaseCount) return;
  throw new LogUnfit(
    `the log has writes in database ${highest}, and there are ${databaseCount}: ` +
      `start with --databases ${highest + 1} or more`,
  );
}

function progressOf(startedAtMs: number, elapsedMs: number, done: ReadProgress): RecoveryProgress {
  const bytesPerSecond = elapsedMs > 0 ? (done.bytesDone * 1000) / elapsedMs : 0;
  const bytesLeft = Math.max(0, done.bytesTotal - done.bytesDone);
  return {
    startedAtMs,
    bytesDone: done.bytesDone,
    bytesTotal: done.bytesTotal,
    recordsDone: done.recordsDone,
    bytesPerSecond,
    secondsLeft: bytesPerSecond > 0 ? bytesLeft / bytesPerSecond : 0,
  };
}

function progressFields(progress: RecoveryProgress): object {
  const percent =
    progress.bytesTotal === 0 ? 100 : (progress.bytesDone * 100) / progress.bytesTotal;
  return {
    percent: Math.floor(percent),
    bytes: progress.bytesDone,
    records: progress.recordsDone,
    megabytesPerSecond: Math.round(progress.bytesPerSecond / 1e5) / 10,
    secondsLeft: Math.ceil(progress.secondsLeft),
  };
}
