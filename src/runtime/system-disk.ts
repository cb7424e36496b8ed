/**
 * The real disk: Node's callbacks, which run on libuv's threads; `writeOnLoop` alone does not.
 *
 * The folder lock is a POSIX file lock. Node has no call for one, but its SQLite takes it: an open
 * exclusive transaction on an empty database file. The kernel drops it when the process dies, so a
 * lock is never stale, whatever became of the pid; and it holds across containers that share a
 * folder.
 */
import fs from "node:fs";
import { resolve as absolute, dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  type Disk,
  DiskError,
  type DiskFile,
  type DiskMode,
  FolderHeld,
  type FolderLock,
  isDiskFull,
  joinPath,
} from "./disk.ts";

const LOCK_NAME = "folder.lock";
const HOLDER_NAME = "folder.holder";
const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** Whoever looks for a holder has the lock for microseconds: no reason to refuse a start. */
const LOCK_WAIT_MS = 250;

const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_DSYNC, O_NONBLOCK } = fs.constants;

const openFlags: Record<DiskMode, number> = {
  // A pipe without a writer would be waited for.
  read: O_RDONLY | O_NONBLOCK,
  write: O_RDWR,
  durable: O_RDWR | O_DSYNC,
  create: O_RDWR | O_CREAT | O_EXCL,
};

type Failure = NodeJS.ErrnoException | null;

function diskError(what: string, path: string, cause: Failure): DiskError {
  const code = cause?.code ?? "EIO";
  return new DiskError(`${what} ${path}: ${cause?.message ?? code}`, code);
}

function call<Result>(
  what: string,
  path: string,
  start: (done: (failure: Failure, result?: Result) => void) => void,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    start((failure, result) => {
      if (failure) reject(diskError(what, path, failure));
      else resolve(result as Result);
    });
  });
}

class SystemFile implements DiskFile {
  readonly path: string;
  readonly #descriptor: number;

  constructor(path: string, descriptor: number) {
    this.path = path;
    this.#descriptor = descriptor;
  }

  write(bytes: Uint8Array, offset: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const step = (done: number): void => {
        fs.write(
          this.#descriptor,
          bytes,
          done,
          bytes.length - done,
          offset + done,
          (failure, count) => {
            if (failure) reject(diskError("write", this.path, failure));
            else if (done + count >= bytes.length) resolve();
            else step(done + count);
          },
        );
      };
      step(0);
    });
  }

  writeOnLoop(bytes: Uint8Array, offset: number): void {
    try {
      for (let done = 0; done < bytes.length; ) {
        done += fs.writeSync(this.#descriptor, bytes, done, bytes.length - done, offset + done);
      }
    } catch (failure) {
      throw diskError("write", this.path, failure as NodeJS.ErrnoException);
    }
  }

  async read(into: Uint8Array, offset: number): Promise<number> {
    let done = 0;
    while (done < into.length) {
      const count = await call<number>("read", this.path, (finish) =>
        fs.read(this.#descriptor, into, done, into.length - done, offset + done, finish),
      );
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  async sizeBytes(): Promise<number> {
    const status = await call<fs.Stats>("stat", this.path, (finish) =>
      fs.fstat(this.#descriptor, finish),
    );
    return status.size;
  }

  truncate(sizeBytes: number): Promise<void> {
    return call("truncate", this.path, (finish) =>
      fs.ftruncate(this.#descriptor, sizeBytes, finish),
    );
  }

  sync(): Promise<void> {
    return call("fdatasync", this.path, (finish) => fs.fdatasync(this.#descriptor, finish));
  }

  close(): Promise<void> {
    return call("close", this.path, (finish) => fs.close(this.#descriptor, finish));
  }
}

class SystemLock implements FolderLock {
  readonly #folder: string;
  readonly #database: DatabaseSync;

  constructor(folder: string, database: DatabaseSync) {
    this.#folder = folder;
    this.#database = database;
  }

  /** Only words for a second process: where there is no room for them, the lock still holds. */
  async describe(holder: string): Promise<void> {
    const path = joinPath(this.#folder, HOLDER_NAME);
    try {
      await call("write", path, (finish) =>
        fs.writeFile(path, `${holder}\n`, { mode: PRIVATE_FILE }, finish),
      );
    } catch (failure) {
      if (!isDiskFull(failure)) throw failure;
    }
  }

  async release(): Promise<void> {
    this.#database.close();
  }
}

async function lockFolder(folder: string, holder: string): Promise<FolderLock> {
  const path = joinPath(folder, LOCK_NAME);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: LOCK_WAIT_MS });
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (cause) {
    database?.close();
    if (!isBusy(cause)) throw new DiskError(`lock ${path}: ${String(cause)}`, "EIO");
    throw new FolderHeld(folder, readHolder(folder));
  }
  const lock = new SystemLock(folder, database);
  await lock.describe(holder);
  return lock;
}

async function holderOf(folder: string): Promise<string | undefined> {
  const path = joinPath(folder, LOCK_NAME);
  if (!fs.existsSync(path)) return undefined;
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: 0 });
    database.prepare("SELECT count(*) FROM sqlite_schema").get();
    return undefined;
  } catch (cause) {
    if (isBusy(cause)) return readHolder(folder);
    throw new DiskError(`look at ${path}: ${String(cause)}`, "EIO");
  } finally {
    database?.close();
  }
}

function isBusy(cause: unknown): boolean {
  return cause instanceof Error && /locked|busy/.test(cause.message);
}

function readHolder(folder: string): string {
  try {
    return fs.readFileSync(joinPath(folder, HOLDER_NAME), "utf8").trim() || "another process";
  } catch {
    return "another process";
  }
}

async function syncFolder(folder: string): Promise<void> {
  const descriptor = await call<number>("open", folder, (finish) =>
    fs.open(folder, O_RDONLY, finish),
  );
  try {
    await call<void>("fsync", folder, (finish) => fs.fsync(descriptor, finish));
  } finally {
    await call<void>("close", folder, (finish) => fs.close(descriptor, finish));
  }
}

/**
 * Makes the names of `path` and of what was made above it, down from `first`, durable. Also of a
 * folder that was there: who made it may have died before its name was.
 */
async function syncNames(path: string, first: string): Promise<void> {
  for (let at = path; at.length >= first.length; at = dirname(at)) {
    const parent = dirname(at);
    if (parent === at) return;
    try {
      await syncFolder(parent);
    } catch (failure) {
      // Who may not even read the folder above has not made anything in it.
      if (failure instanceof DiskError && failure.code === "EACCES") return;
      throw failure;
    }
  }
}

export const systemDisk: Disk = {
  async open(path, mode) {
    const descriptor = await call<number>("open", path, (finish) =>
      fs.open(path, openFlags[mode], PRIVATE_FILE, finish),
    );
    const file = new SystemFile(path, descriptor);
    const status = await call<fs.Stats>("stat", path, (finish) => fs.fstat(descriptor, finish));
    if (status.isFile()) return file;
    await file.close();
    throw new DiskError(`open ${path}: not a regular file`, "EINVAL");
  },
  rename: (from, to) => call("rename", from, (finish) => fs.rename(from, to, finish)),
  remove: (path) => call("remove", path, (finish) => fs.unlink(path, finish)),
  async list(folder) {
    try {
      const names = await call<string[]>("list", folder, (finish) => fs.readdir(folder, finish));
      return names.sort();
    } catch (failure) {
      if (failure instanceof DiskError && failure.code === "ENOENT") return [];
      throw failure;
    }
  },
  async makeFolder(folder) {
    const path = absolute(folder);
    const first = await call<string | undefined>("make folder", folder, (finish) =>
      fs.mkdir(path, { recursive: true, mode: PRIVATE_FOLDER }, finish),
    );
    await syncNames(path, first ?? path);
  },
  syncFolder,
  async exists(path) {
    try {
      await call("look for", path, (finish) => fs.access(path, finish));
      return true;
    } catch (failure) {
      // A disk that cannot say is not one where the name is free.
      if (failure instanceof DiskError && failure.code === "ENOENT") return false;
      throw failure;
    }
  },
  async freeBytes(folder) {
    const status = await call<fs.StatsFs>("statfs", folder, (finish) => fs.statfs(folder, finish));
    return status.bavail * status.bsize;
  },
  lock: lockFolder,
  holderOf,
};
