/**
 * The snapshots of a folder: which are there, which are to go, and what an interruption left.
 */
import { type Disk, joinPath } from "../runtime/disk.ts";
import { parseSnapshotName, type SnapshotFileName } from "./snapshot-names.ts";

export interface ListedSnapshot {
  readonly sequence: number;
  /** The keyspace's file first. */
  readonly names: readonly string[];
}

/** By sequence, the newest last; only those whose keyspace has its name. */
export async function listSnapshots(disk: Disk, folder: string): Promise<ListedSnapshot[]> {
  const files = await snapshotFiles(disk, folder);
  const found: ListedSnapshot[] = [];
  for (const { name, sequence, graphNumber, isTemporary } of files) {
    if (isTemporary || graphNumber !== undefined) continue;
    const graphs = files.filter(
      (file) => file.sequence === sequence && file.graphNumber !== undefined && !file.isTemporary,
    );
    found.push({ sequence, names: [name, ...graphs.map((file) => file.name)] });
  }
  return found.sort((left, right) => left.sequence - right.sequence);
}

/**
 * Removes what was being made when a process ended: temporary files, and parts whose snapshot never
 * got its name. How many files.
 */
export async function removeUnfinished(disk: Disk, folder: string): Promise<number> {
  const files = await snapshotFiles(disk, folder);
  const finished = new Set(
    files
      .filter(({ graphNumber, isTemporary }) => graphNumber === undefined && !isTemporary)
      .map(({ sequence }) => sequence),
  );
  let count = 0;
  for (const { name, sequence, isTemporary } of files) {
    if (!isTemporary && finished.has(sequence)) continue;
    await disk.remove(joinPath(folder, name));
    count += 1;
  }
  return count;
}

/** The keyspace's file goes first: parts without it are nobody's. */
export async function removeSnapshot(
  disk: Disk,
  folder: string,
  { names }: ListedSnapshot,
): Promise<void> {
  for (const name of names) await disk.remove(joinPath(folder, name));
  await disk.syncFolder(folder);
}

async function snapshotFiles(disk: Disk, folder: string): Promise<SnapshotFileName[]> {
  const files: SnapshotFileName[] = [];
  for (const name of await disk.list(folder)) {
    const file = parseSnapshotName(name);
    if (file !== undefined) files.push(file);
  }
  return files;
}
