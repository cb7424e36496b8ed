/**
 * `Disk`: the door to files. Every call but `writeOnLoop` works off the event loop, and fails with
 * a DiskError.
 *
 * What is durable: bytes of a file opened `durable` once `write` resolved, bytes of any file once
 * `sync` resolved, and a name (created, renamed, removed) once `syncFolder` of its folder resolved.
 * `system-disk.ts` is the real one, `fake-disk.ts` the twin that forgets, tears and lies.
 */

/**
 * - `read`: must exist.
 * - `write`: must exist; durable only after `sync`.
 * - `durable`: must exist; each `write` is durable when it resolves (O_DSYNC).
 * - `create`: must not exist; durable only after `sync`.
 */
export type DiskMode = "read" | "write" | "durable" | "create";

export interface DiskFile {
  readonly path: string;
  /** Writes all of it, or fails. The bytes must not change until it is done. */
  write(bytes: Uint8Array, offset: number): Promise<void>;
  /** The same, and the event loop waits for it: durable when it returns, if the file is. */
  writeOnLoop(bytes: Uint8Array, offset: number): void;
  /** Fills `into` from `offset`; the count of bytes read, less than asked only at the end. */
  read(into: Uint8Array, offset: number): Promise<number>;
  sizeBytes(): Promise<number>;
  truncate(sizeBytes: number): Promise<void>;
  /** fdatasync: never called again after it failed. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Held until released or until the process dies, however it dies. */
export interface FolderLock {
  /** Replaces what a refused second process is told. */
  describe(holder: string): Promise<void>;
  release(): Promise<void>;
}

export interface Disk {
  /** A regular file: a pipe or a device, which might never end, is a failure with EINVAL. */
  open(path: string, mode: DiskMode): Promise<DiskFile>;
  /** Replaces what is at `to`. */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Names in the folder, sorted; an absent folder is empty. */
  list(folder: string): Promise<readonly string[]>;
  /** With its parents; no failure if it exists. The new name is durable. */
  makeFolder(folder: string): Promise<void>;
  syncFolder(folder: string): Promise<void>;
  exists(path: string): Promise<boolean>;
  /** What may still be written there; advice, since others write too. */
  freeBytes(folder: string): Promise<number>;
  /** One holder at a time; a FolderHeld failure says who. `holder` is one line of text. */
  lock(folder: string, holder: string): Promise<FolderLock>;
  /** Who holds the folder now; undefined for nobody. Changes nothing and holds nothing. */
  holderOf(folder: string): Promise<string | undefined>;
}

export class DiskError extends Error {
  override readonly name = "DiskError";
  /** ENOSPC, EIO, ENOENT, ... */
  readonly code: string;
  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** No room, by the disk's size or by a quota: the one failure that heals by itself. */
export function isDiskFull(failure: unknown): failure is DiskError {
  return failure instanceof DiskError && (failure.code === "ENOSPC" || failure.code === "EDQUOT");
}

export class FolderHeld extends Error {
  override readonly name = "FolderHeld";
  readonly holder: string;
  constructor(folder: string, holder: string) {
    super(`${folder} is held by ${holder}`);
    this.holder = holder;
  }
}

export function joinPath(folder: string, name: string): string {
  return folder.endsWith("/") ? folder + name : `${folder}/${name}`;
}

/** Writes a file so that after a crash either the old or the new content is there, whole. */
export async function replaceFile(
  disk: Disk,
  folder: string,
  name: string,
  bytes: Uint8Array,
): Promise<void> {
  const temporary = joinPath(folder, `${name}.new`);
  if (await disk.exists(temporary)) await disk.remove(temporary);
  try {
    const file = await disk.open(temporary, "create");
    try {
      await file.write(bytes, 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await disk.rename(temporary, joinPath(folder, name));
  } catch (failure) {
    // Where there is no room, half a file must not take what is left of it.
    if (isDiskFull(failure)) await disk.remove(temporary).catch(() => undefined);
    throw failure;
  }
  await disk.syncFolder(folder);
}

/** The whole file, which must be small; one of which less comes is a failure of the disk. */
export async function readFile(disk: Disk, path: string): Promise<Buffer> {
  const file = await disk.open(path, "read");
  try {
    const bytes = Buffer.alloc(await file.sizeBytes());
    const count = await file.read(bytes, 0);
    if (count < bytes.length) throw new DiskError(`read ${path}: only ${count} bytes came`, "EIO");
    return bytes;
  } finally {
    await file.close();
  }
}
