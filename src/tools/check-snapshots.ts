/**
 * The snapshots of a folder, each read to its last byte: blocks, effects, digest; and the files of
 * its indexes. Memory is bounded by the largest value.
 */
import { defaultEncodingLimits } from "../keyspace/encoding-limits.ts";
import type { World } from "../node/world.ts";
import { DiskError, joinPath } from "../runtime/disk.ts";
import { GraphFile } from "../snapshot/graph-file-reader.ts";
import { listSnapshots } from "../snapshot/snapshot-folder.ts";
import type { SnapshotFooter } from "../snapshot/snapshot-format.ts";
import { type FileKeys, SnapshotReader } from "../snapshot/snapshot-reader.ts";
import { verifySnapshot } from "../snapshot/verification.ts";
import type { Damage } from "./check-report.ts";

export interface SoundSnapshot extends SnapshotFooter {
  readonly sequence: number;
  readonly sizeBytes: number;
  readonly keyCount: number;
}

export interface CheckedSnapshots {
  /** By sequence, the newest last. */
  readonly sound: readonly SoundSnapshot[];
  readonly graphCount: number;
  readonly damages: readonly Damage[];
}

export interface SnapshotCheckSettings {
  readonly folder: string;
  readonly databaseCount: number;
  readonly keys: FileKeys;
  readonly progress: (line: string) => void;
}

const TAKE_ANOTHER =
  "recovery takes the snapshot before it, or the whole log if that is kept; a copy of this file " +
  "may be put back";
const NOTHING_LOST = "nothing is lost: the index is made from the keys at the next start";

export async function checkSnapshots(
  world: World,
  settings: SnapshotCheckSettings,
): Promise<CheckedSnapshots> {
  const { disk } = world;
  const { folder } = settings;
  const sound: SoundSnapshot[] = [];
  const damages: Damage[] = [];
  let graphCount = 0;
  for (const { sequence, names } of await listSnapshots(disk, folder)) {
    const [name, ...graphs] = names;
    settings.progress(`checking ${name}`);
    const checked = await checkSnapshot(world, settings, sequence);
    if (typeof checked !== "string") sound.push(checked);
    else damages.push({ file: joinPath(folder, name), what: checked, advice: TAKE_ANOTHER });
    for (const graph of graphs) {
      graphCount += 1;
      const what = await checkGraph(world, settings, sequence, joinPath(folder, graph));
      if (what === undefined) continue;
      damages.push({ file: joinPath(folder, graph), what, advice: NOTHING_LOST });
    }
  }
  return { sound, graphCount, damages };
}

/** The snapshot, or what is wrong with it. */
async function checkSnapshot(
  { disk }: World,
  { folder, databaseCount, keys }: SnapshotCheckSettings,
  sequence: number,
): Promise<SoundSnapshot | string> {
  return await told(async () => {
    const reader = await SnapshotReader.open(disk, folder, sequence, keys);
    try {
      const highest = reader.footer.keyCounts.findLastIndex((count) => count > 0);
      if (highest >= databaseCount) {
        return `it has keys in database ${highest}; say --databases ${highest + 1} or more`;
      }
      await verifySnapshot(reader, databaseCount, defaultEncodingLimits(), () => undefined);
      const { footer, sizeBytes, keyCount } = reader;
      return { ...footer, sequence, sizeBytes, keyCount };
    } finally {
      await reader.close();
    }
  });
}

async function checkGraph(
  world: World,
  { keys }: SnapshotCheckSettings,
  sequence: number,
  path: string,
): Promise<string | undefined> {
  const source = { ...world, path, sequence, keys };
  return await told(async () => {
    const file = await GraphFile.open(source);
    try {
      await file.readLinks(() => undefined);
      return undefined;
    } finally {
      await file.close();
    }
  });
}

/**
 * What is wrong with a file is the result; what is wrong with the disk is not. Whatever else is
 * thrown while bytes are read that nobody vouches for is their fault, checksums or not.
 */
export async function told<Result>(read: () => Promise<Result>): Promise<Result | string> {
  try {
    return await read();
  } catch (failure) {
    if (failure instanceof DiskError || !(failure instanceof Error)) throw failure;
    return failure.message;
  }
}
