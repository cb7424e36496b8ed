/**
 * `check`: everything in a folder, verified by the same code that recovery uses, without changing
 * a byte: snapshots (`check-snapshots.ts`), the log (`check-log.ts`), and what else stands there.
 */
import type { FolderKeys } from "../keys/folder-keys.ts";
import type { MasterKeySetting } from "../keys/master-key.ts";
import type { World } from "../node/world.ts";
import { type Disk, DiskError, joinPath } from "../runtime/disk.ts";
import { LogCheck } from "./check-log.ts";
import type { CheckReport, Damage } from "./check-report.ts";
import { checkSnapshots } from "./check-snapshots.ts";
import { type FolderFile, folderFile } from "./folder-files.ts";
import { BadCall } from "./tool-call.ts";
import { keysOf } from "./tool-keys.ts";

/** A server that makes snapshots removes files that were there when they were listed. */
const ATTEMPTS_MAX = 4;

export interface CheckSettings {
  readonly folder: string;
  readonly databaseCount: number;
  readonly memoryBytes: number;
  readonly masterKey?: MasterKeySetting;
  readonly progress: (line: string) => void;
}

export async function checkFolder(world: World, settings: CheckSettings): Promise<CheckReport> {
  const { disk } = world;
  const { folder } = settings;
  if ((await disk.list(folder)).length === 0) throw new BadCall(`there is nothing in ${folder}`);
  const keys = keysOf(world, folder, settings.masterKey);
  await keys.open();
  for (let attempt = 1; ; attempt += 1) {
    const lock = await lookAtLock(disk, folder);
    try {
      return await checkListed(world, { ...settings, keys }, lock);
    } catch (failure) {
      const isGone = failure instanceof DiskError && failure.code === "ENOENT";
      if (!isGone || lock.heldBy === undefined || attempt === ATTEMPTS_MAX) throw failure;
      settings.progress("the server removed a file that it does not need any more: once again");
    }
  }
}

async function checkListed(
  world: World,
  settings: CheckSettings & { readonly keys: FolderKeys },
  lock: FoundLock,
): Promise<CheckReport> {
  const { disk, timers } = world;
  const { folder, keys } = settings;
  const { heldBy } = lock;
  const files = (await disk.list(folder)).map(folderFile);
  const names = files.filter(({ kind }) => kind === "segment").map(({ name }) => name);
  const snapshots = await checkSnapshots(world, settings);
  const walk = { disk, timers, folder, names, isHeld: heldBy !== undefined, keys };
  const check = new LogCheck(world, settings, walk, snapshots.sound);
  const log = await check.run();
  return {
    folder,
    heldBy,
    log: { segmentCount: names.length, ...log },
    snapshots: snapshots.sound.map(({ sequence, timeMs, keyCount, sizeBytes }) => ({
      sequence,
      timeMs,
      keyCount,
      sizeBytes,
    })),
    graphCount: snapshots.graphCount,
    notes: [...notesOf(files), ...check.notes],
    damages: [
      ...lock.damages,
      ...unfinished(folder, files),
      ...snapshots.damages,
      ...check.damages,
    ],
  };
}

function unfinished(folder: string, files: readonly FolderFile[]): Damage[] {
  const marker = files.find(({ kind }) => kind === "unfinished");
  if (marker === undefined) return [];
  const what = "a restore into this folder was interrupted, so not all of it is there";
  const advice = "restore again into the same folder, or remove it";
  return [{ file: joinPath(folder, marker.name), what, advice }];
}

interface FoundLock {
  readonly heldBy: string | undefined;
  readonly damages: readonly Damage[];
}

/** A lock that cannot be read stops a start, and tells nothing of who holds the folder. */
async function lookAtLock(disk: Disk, folder: string): Promise<FoundLock> {
  try {
    return { heldBy: await disk.holderOf(folder), damages: [] };
  } catch (failure) {
    if (!(failure instanceof DiskError)) throw failure;
    const file = joinPath(folder, "folder.lock");
    const advice = "if no server runs there, remove that file: it holds nothing";
    return { heldBy: undefined, damages: [{ file, what: failure.message, advice }] };
  }
}

function notesOf(files: readonly FolderFile[]): string[] {
  return files.map(({ note }) => note).filter((note) => note !== "");
}
