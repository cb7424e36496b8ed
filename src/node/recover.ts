/**
 * Recovery: read, verify, apply, index. State = fold(apply, every effect of the log).
 *
 * The driver verifies; this applies each record whole, lets the event loop breathe (clients get
 * LOADING meanwhile), and says how far it is: about every second in the log, always in INFO.
 */
import { AssertionFailure, assert } from "../base/assert.ts";
import { ByteReader, MalformedBytes } from "../base/byte-reader.ts";
import { type Effect, EffectId } from "../keyspace/effect.ts";
import { decodeEffect } from "../keyspace/effect-codec.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { FileDriver } from "../log/driver-file.ts";
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
  readonly effectCount: number;
  readonly durationMs: number;
}

/** `onProgress` is called whenever the event loop gets a turn. */
export async function recover(
  driver: LogDriver,
  keyspace: Keyspace,
  world: RecoveryWorld,
  onProgress: (progress: RecoveryProgress) => void,
): Promise<Recovered> {
  const { clock, timers, logger } = world;
  const startedAtMs = clock.nowMs();
  const startedAt = clock.monotonicMs();
  let sliceStart = startedAt;
  let reportedAt = startedAt;
  let effectCount = 0;

  const visit = (record: StoredRecord, done: ReadProgress): Promise<void> | undefined => {
    effectCount += applyRecord(keyspace, record, startedAtMs);
    failpoint("recover.applied");
    const held = heldAt("recover.held");
    const now = clock.monotonicMs();
    if (held === undefined && now - sliceStart < SLICE_MS) return undefined;
    const progress = progressOf(startedAtMs, now - startedAt, done);
    onProgress(progress);
    if (now - reportedAt >= REPORT_PERIOD_MS) {
      reportedAt = now;
      logger.info(progressFields(progress), "reading the log back");
    }
    const breath = new Promise<void>((resolve) => {
      timers.soon(() => {
        sliceStart = clock.monotonicMs();
        resolve();
      });
    });
    return held === undefined ? breath : held.then(() => breath);
  };
  const { tail, torn } = await driver.open(visit);
  return { tail, torn, effectCount, durationMs: clock.monotonicMs() - startedAt };
}

/** The log once more, into another keyspace (DEBUG RELOAD); the newest sequence. */
export async function readBack(
  driver: FileDriver,
  keyspace: Keyspace,
  { clock, timers }: RecoveryWorld,
): Promise<number> {
  const nowMs = clock.nowMs();
  let sliceStart = clock.monotonicMs();
  const tail = await driver.readAgain((record) => {
    applyRecord(keyspace, record, nowMs);
    if (clock.monotonicMs() - sliceStart < SLICE_MS) return undefined;
    return new Promise<void>((resolve) => {
      timers.soon(() => {
        sliceStart = clock.monotonicMs();
        resolve();
      });
    });
  });
  return tail.sequence;
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
        checkMembers(effect, keyspace);
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

/** What apply takes on trust, since commands looked: a small set would hold a member twice. */
function checkMembers(effect: Effect, keyspace: Keyspace): void {
  if (effect.id !== EffectId.setAdd) return;
  const value = keyspace.peek(effect.database, effect.key)?.value;
  if (value?.type !== "set" || !value.isSmall) return;
  for (const member of effect.members) {
    assert(!value.has(member), "a member that is added is new");
  }
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
