/**
 * The beginning of recovery: the newest snapshot that is sound. A damaged one is said loudly and
 * the one before is taken, whose log is still there; with none left the start is refused, unless
 * the log goes back to its first record.
 */
import { EffectId } from "../keyspace/effect.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { FileDriver } from "../log/driver-file.ts";
import { LogDamaged, LogUnfit } from "../log/log-driver.ts";
import { DataKeyUnknown } from "../runtime/cipher.ts";
import type { Disk } from "../runtime/disk.ts";
import type { Logger } from "../runtime/logger.ts";
import { listSnapshots, removeUnfinished } from "../snapshot/snapshot-folder.ts";
import type { SnapshotPartTaker } from "../snapshot/snapshot-parts.ts";
import { type FileKeys, SnapshotDamaged, SnapshotReader } from "../snapshot/snapshot-reader.ts";

/** Where snapshots are, and who takes back what stands beside the keyspace. */
export interface SnapshotSource {
  readonly disk: Disk;
  readonly folder: string;
  readonly keys: FileKeys | undefined;
  readonly takers: readonly SnapshotPartTaker[];
}

export interface RestoredSnapshot {
  readonly sequence: number;
  readonly epoch: number;
  readonly chain: Buffer;
  readonly madeAtMs: number;
  readonly keyCount: number;
  readonly sizeBytes: number;
}

/** Called behind each block; the total of the snapshot's bytes is known from the first. */
export type SnapshotProgress = (
  bytesDone: number,
  snapshot: SnapshotReader,
) => void | Promise<void>;

/**
 * Into a keyspace that is empty, and that is empty again if nothing could be restored. The folder
 * is held. Undefined where there is no snapshot and the log needs none.
 */
export async function restoreNewest(
  source: SnapshotSource,
  driver: FileDriver,
  keyspace: Keyspace,
  nowMs: number,
  logger: Logger,
  progress: SnapshotProgress,
): Promise<RestoredSnapshot | undefined> {
  const { disk, folder } = source;
  const listed = await listSnapshots(disk, folder);
  for (const { sequence } of listed.toReversed()) {
    try {
      return await restore(source, sequence, keyspace, nowMs, progress);
    } catch (failure) {
      if (!(failure instanceof SnapshotDamaged)) throw unfit(failure, folder);
      keyspace.apply({ id: EffectId.allFlush }, nowMs);
      for (const taker of source.takers) taker.abandon({ folder, sequence });
      const fields = { snapshotSequence: sequence, reason: failure.message };
      logger.error(
        fields,
        "THIS SNAPSHOT IS DAMAGED: the one before is tried, with its longer log",
      );
    }
  }
  const firstSequence = await driver.firstSequence();
  if (firstSequence > 1)
    throw new LogDamaged(withoutSnapshot(folder, listed.length, firstSequence));
  if (listed.length > 0) {
    logger.error({}, "no snapshot can be used: everything is read from the log, which is complete");
  }
  return undefined;
}

/** What an interrupted snapshot left behind. */
export async function cleanSnapshots(source: SnapshotSource, logger: Logger): Promise<void> {
  const count = await removeUnfinished(source.disk, source.folder);
  if (count > 0) logger.warn({ files: count }, "an unfinished snapshot was removed");
}

async function restore(
  { disk, folder, keys, takers }: SnapshotSource,
  sequence: number,
  keyspace: Keyspace,
  nowMs: number,
  progress: SnapshotProgress,
): Promise<RestoredSnapshot> {
  const reader = await SnapshotReader.open(disk, folder, sequence, keys);
  try {
    checkDatabases(reader, keyspace.databases.length);
    const place = { folder, sequence };
    for (const taker of takers) await taker.begin(place);
    await reader.load(keyspace, nowMs, (bytesDone) => progress(bytesDone, reader));
    for (const taker of takers) await taker.end(place);
    const { epoch, chain } = reader.footer;
    const { madeAtMs, keyCount, sizeBytes } = reader;
    return { sequence, epoch, chain, madeAtMs, keyCount, sizeBytes };
  } finally {
    await reader.close();
  }
}

function checkDatabases(reader: SnapshotReader, databaseCount: number): void {
  const highest = reader.footer.keyCounts.findLastIndex((count) => count > 0);
  if (highest < databaseCount) return;
  throw new LogUnfit(
    `the snapshot has keys in database ${highest}, and there are ${databaseCount}: ` +
      `start with --databases ${highest + 1} or more`,
  );
}

function unfit(failure: unknown, folder: string): unknown {
  if (!(failure instanceof DataKeyUnknown)) return failure;
  return new LogUnfit(
    `a snapshot in ${folder} is encrypted, and ${failure.message}: put the file keys.json back ` +
      "that belongs to it. Nothing was changed",
  );
}

function withoutSnapshot(folder: string, damagedCount: number, firstSequence: number): string {
  const reason =
    damagedCount === 0
      ? "there is no snapshot"
      : `none of the ${damagedCount} snapshots can be used (each is named above, with the reason)`;
  return (
    `the data is damaged: ${folder}: the log begins with record ${firstSequence}, and ${reason}. ` +
    `Nothing was changed. Put back a sound snapshot of sequence ${firstSequence - 1} or later ` +
    "(snapshot-*.snap) from a copy of the folder, or restore the whole folder from one"
  );
}
