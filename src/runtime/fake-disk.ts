/**
 * The disk's twin for tests: it keeps what was synced apart from what was only written, loses the
 * rest at `losePower` (sector by sector, in any mixture), and fails when it is told to.
 *
 * A power loss or a failed sync drops what was not durable: unsynced bytes, names whose folder was
 * not synced. Handles of before the loss are dead. `disturb` sees every call, by number.
 */
import type { Random } from "./clock.ts";
import { type Disk, DiskError, type DiskFile, FolderHeld, joinPath } from "./disk.ts";

const SECTOR_BYTES = 512;

interface PendingWrite {
  readonly offset: number;
  readonly bytes: Buffer;
}

class FakeInode {
  /** What a read gives now. */
  bytes: Buffer = Buffer.alloc(0);
  /** What is left after a power loss, with any part of `pending` on top. */
  durable: Buffer = Buffer.alloc(0);
  pending: PendingWrite[] = [];
}

function overwrite(target: Buffer, offset: number, bytes: Buffer): Buffer {
  const size = Math.max(target.length, offset + bytes.length);
  const grown = size > target.length ? Buffer.concat([target], size) : target;
  bytes.copy(grown, offset);
  return grown;
}

export class FakeDisk implements Disk {
  /** Calls so far; reset it to count from a place. */
  callCount = 0;
  /** Bytes that all files together may have. */
  capacityBytes = Number.POSITIVE_INFINITY;
  /** Called for each call with its number, from 1; the code of an error makes it fail. */
  disturb: (call: number, what: string, path: string) => string | undefined = () => undefined;
  /** While true, durable writes and syncs do not finish. */
  isHolding = false;
  readonly #random: Random;
  #generation = 0;
  #names = new Map<string, FakeInode>();
  #durableNames = new Map<string, FakeInode>();
  readonly #folders = new Set<string>();
  readonly #holders = new Map<string, string>();
  #held: (() => void)[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  async open(path: string, mode: Parameters<Disk["open"]>[1]): Promise<DiskFile> {
    this.#step("open", path);
    let inode = this.#names.get(path);
    if (mode === "create") {
      if (inode !== undefined) throw new DiskError(`open ${path}: it exists`, "EEXIST");
      inode = new FakeInode();
      this.#names.set(path, inode);
    }
    if (inode === undefined) throw new DiskError(`open ${path}: no such file`, "ENOENT");
    return this.#handle(path, inode, mode === "durable");
  }

  async rename(from: string, to: string): Promise<void> {
    this.#step("rename", from);
    const inode = this.#names.get(from);
    if (inode === undefined) throw new DiskError(`rename ${from}: no such file`, "ENOENT");
    this.#names.delete(from);
    this.#names.set(to, inode);
  }

  async remove(path: string): Promise<void> {
    this.#step("remove", path);
    if (!this.#names.delete(path)) throw new DiskError(`remove ${path}: no such file`, "ENOENT");
  }

  async list(folder: string): Promise<readonly string[]> {
    this.#step("list", folder);
    const prefix = joinPath(folder, "");
    return [...this.#names.keys()]
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length))
      .sort();
  }

  async makeFolder(folder: string): Promise<void> {
    this.#step("make folder", folder);
    this.#folders.add(folder);
  }

  async syncFolder(folder: string): Promise<void> {
    this.#step("sync folder", folder);
    const prefix = joinPath(folder, "");
    for (const path of this.#durableNames.keys()) {
      if (path.startsWith(prefix)) this.#durableNames.delete(path);
    }
    for (const [path, inode] of this.#names) {
      if (path.startsWith(prefix)) this.#durableNames.set(path, inode);
    }
  }

  async exists(path: string): Promise<boolean> {
    this.#step("exists", path);
    return this.#names.has(path);
  }

  async freeBytes(folder: string): Promise<number> {
    this.#step("statfs", folder);
    return Math.max(0, this.capacityBytes - this.#usedBytes());
  }

  async lock(folder: string, holder: string): ReturnType<Disk["lock"]> {
    const present = this.#holders.get(folder);
    if (present !== undefined) throw new FolderHeld(folder, present);
    this.#holders.set(folder, holder);
    return {
      describe: async (text) => {
        this.#holders.set(folder, text);
      },
      release: async () => {
        this.#holders.delete(folder);
      },
    };
  }

  async holderOf(folder: string): Promise<string | undefined> {
    return this.#holders.get(folder);
  }

  /** Everything that was not durable is gone, or there in part; all processes are dead. */
  losePower(): void {
    this.#generation += 1;
    this.#holders.clear();
    this.#held = [];
    this.isHolding = false;
    if (this.#random.fraction() < 0.7) this.#names = new Map(this.#durableNames);
    for (const inode of new Set(this.#names.values())) {
      for (const { offset, bytes } of inode.pending) this.#tear(inode, offset, bytes);
      inode.pending = [];
      inode.bytes = Buffer.from(inode.durable);
    }
    this.#durableNames = new Map(this.#names);
  }

  /** The process dies and the page cache stays. */
  killProcess(): void {
    this.#generation += 1;
    this.#holders.clear();
    this.#held = [];
    this.isHolding = false;
  }

  /** Lets what `isHolding` held go on. */
  release(): void {
    this.isHolding = false;
    const held = this.#held;
    this.#held = [];
    for (const run of held) run();
  }

  /** The content now, to look at or to damage in place. */
  content(path: string): Buffer {
    const inode = this.#names.get(path);
    if (inode === undefined) throw new DiskError(`${path}: no such file`, "ENOENT");
    return inode.bytes;
  }

  /** Puts a durable file there. */
  place(path: string, bytes: Buffer): void {
    const inode = new FakeInode();
    inode.bytes = Buffer.from(bytes);
    inode.durable = Buffer.from(bytes);
    this.#names.set(path, inode);
    this.#durableNames.set(path, inode);
  }

  paths(): readonly string[] {
    return [...this.#names.keys()].sort();
  }

  #step(what: string, path: string): void {
    this.callCount += 1;
    const code = this.disturb(this.callCount, what, path);
    if (code !== undefined) throw new DiskError(`${what} ${path}: ${code}`, code);
  }

  #tear(inode: FakeInode, offset: number, bytes: Buffer): void {
    for (let start = 0; start < bytes.length; ) {
      const end = Math.min(bytes.length, start + SECTOR_BYTES - ((offset + start) % SECTOR_BYTES));
      if (this.#random.fraction() < 0.5) {
        inode.durable = overwrite(inode.durable, offset + start, bytes.subarray(start, end));
      }
      start = end;
    }
  }

  #settle(): Promise<void> {
    if (!this.isHolding) return Promise.resolve();
    return new Promise((resolve) => this.#held.push(resolve));
  }

  #makeDurable(inode: FakeInode, writes: readonly PendingWrite[]): void {
    for (const { offset, bytes } of writes) {
      inode.durable = overwrite(inode.durable, offset, bytes);
    }
    inode.pending = inode.pending.filter((write) => !writes.includes(write));
  }

  #checkRoom(inode: FakeInode, end: number): void {
    const grownBytes = Math.max(0, end - inode.bytes.length);
    if (grownBytes === 0 || this.#usedBytes() + grownBytes <= this.capacityBytes) return;
    throw new DiskError("write: no space left", "ENOSPC");
  }

  #usedBytes(): number {
    let total = 0;
    for (const inode of new Set(this.#names.values())) total += inode.bytes.length;
    return total;
  }

  #handle(path: string, inode: FakeInode, isDurable: boolean): DiskFile {
    const generation = this.#generation;
    const step = (what: string): void => {
      if (generation !== this.#generation) throw new DiskError(`${what} ${path}: dead`, "EBADF");
      this.#step(what, path);
    };
    const begin = (given: Uint8Array, offset: number): PendingWrite => {
      const bytes = Buffer.from(given);
      const write = { offset, bytes };
      try {
        step("write");
      } catch (failure) {
        const half = bytes.subarray(0, bytes.length >>> 1);
        inode.pending.push({ offset, bytes: half });
        throw failure;
      }
      this.#checkRoom(inode, offset + bytes.length);
      inode.bytes = overwrite(inode.bytes, offset, bytes);
      inode.pending.push(write);
      return write;
    };
    return {
      path,
      writeOnLoop: (given, offset) => {
        const write = begin(given, offset);
        if (isDurable) this.#makeDurable(inode, [write]);
      },
      write: async (given, offset) => {
        const write = begin(given, offset);
        if (!isDurable) return;
        await this.#settle();
        if (generation !== this.#generation) await new Promise(() => undefined);
        this.#makeDurable(inode, [write]);
      },
      read: async (into, offset) => {
        step("read");
        return inode.bytes.copy(
          into,
          0,
          offset,
          Math.min(inode.bytes.length, offset + into.length),
        );
      },
      sizeBytes: async () => {
        step("stat");
        return inode.bytes.length;
      },
      truncate: async (sizeBytes) => {
        step("truncate");
        inode.bytes = Buffer.concat([inode.bytes], sizeBytes);
        inode.durable = Buffer.concat([inode.durable], sizeBytes);
      },
      sync: async () => {
        try {
          step("fdatasync");
        } catch (failure) {
          // Linux marks the pages clean: the next sync succeeds and the bytes are gone.
          inode.pending = [];
          throw failure;
        }
        const writes = [...inode.pending];
        await this.#settle();
        if (generation !== this.#generation) await new Promise(() => undefined);
        this.#makeDurable(inode, writes);
      },
      close: async () => undefined,
    };
  }
}
