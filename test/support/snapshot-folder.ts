/**
 * A data folder with a log and snapshots, without a server around it: effects go in, snapshots are
 * made and named, and everything is read back into a keyspace.
 */
import type { Effect } from "../../src/keyspace/effect.ts";
import { defaultEncodingLimits } from "../../src/keyspace/encoding-limits.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import { Appender } from "../../src/log/appender.ts";
import { FileDriver } from "../../src/log/driver-file.ts";
import { type Recovered, recover } from "../../src/node/recover.ts";
import { systemClock, systemTimers } from "../../src/runtime/clock.ts";
import { type Disk, joinPath } from "../../src/runtime/disk.ts";
import { type Logger, silentLogger } from "../../src/runtime/logger.ts";
import { type FoldResult, foldSnapshot } from "../../src/snapshot/fold.ts";
import { snapshotName, temporaryName } from "../../src/snapshot/snapshot-names.ts";
import { LOG_FOLDER } from "./log-records.ts";

const SEGMENT_BYTES = 64 * 1024;

export interface OpenFolder {
  readonly keyspace: Keyspace;
  readonly driver: FileDriver;
  readonly appender: Appender;
  readonly recovered: Recovered;
}

export async function openFolder(
  disk: Disk,
  keyspace: Keyspace = new Keyspace(),
  logger: Logger = silentLogger,
  segmentBytes = SEGMENT_BYTES,
): Promise<OpenFolder> {
  const driver = new FileDriver({
    disk,
    folder: LOG_FOLDER,
    timers: systemTimers,
    logger,
    holder: "a test",
    segmentBytes,
  });
  const world = { clock: systemClock, timers: systemTimers, logger };
  const source = { disk, folder: LOG_FOLDER, keys: undefined, takers: [] };
  const recovered = await recover(driver, keyspace, world, () => undefined, source);
  const appender = new Appender({
    driver,
    shard: 0,
    writerId: Buffer.alloc(8, 7),
    soon: (run) => queueMicrotask(run),
    monotonicMs: () => 0,
    nowMs: () => 1000,
  });
  await appender.claim(recovered.tail);
  return { keyspace, driver, appender, recovered };
}

/** Durable when it resolves; each unit is a record now and then. */
export async function append(
  { appender }: OpenFolder,
  units: readonly { readonly effects: readonly Effect[] }[],
): Promise<void> {
  for (const [index, { effects }] of units.entries()) {
    appender.appendUnit(effects);
    if (index % 50 === 49) await appender.drain();
  }
  await appender.drain();
}

/** Of everything that was appended. */
export async function makeSnapshot(
  disk: Disk,
  { appender }: Pick<OpenFolder, "appender">,
  memoryBytes: number,
): Promise<FoldResult & { readonly sequence: number }> {
  const sequence = appender.endRecord();
  await appender.drain();
  const job = {
    folder: LOG_FOLDER,
    sequence,
    madeAtMs: 1000,
    memoryBytes,
    databaseCount: 16,
    encodingLimits: defaultEncodingLimits(),
  };
  const world = { disk, clock: systemClock, timers: systemTimers };
  const listener = { progress: () => undefined, baseDamaged: () => undefined };
  const result = await foldSnapshot(world, job, undefined, listener);
  const name = snapshotName(sequence);
  await disk.rename(joinPath(LOG_FOLDER, temporaryName(name)), joinPath(LOG_FOLDER, name));
  await disk.syncFolder(LOG_FOLDER);
  return { ...result, sequence };
}

export async function closeFolder({ appender, driver }: OpenFolder): Promise<void> {
  await appender.drain();
  await driver.close();
}
