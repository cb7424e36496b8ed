/**
 * The disk's twin for tests: it keeps what was synced apart from what was only written, and fails
 * when it is told to.
 *
 * - A power loss drops what was not durable, sector by sector, and names whose folder was not
 *   synced, in any mixture. The death of a process keeps all that it wrote. Handles of before are
 *   dead.
 * - A call that fails may have done nothing, a part or all; after a failed sync what is not durable
 *   is called clean, so that the next sync succeeds without it.
 * - `disturb` sees every call by number, `divert` every write.
 */
import type { Random } from "./clock.ts";
import { type Disk, DiskError, type DiskFile, FolderHeld, joinPath } from "./disk.ts";

const SECTOR_BYTES = 512;

/** Bytes that were written and are not durable; the file has them as they are now. */
interface PendingRange {
  readonly offset: number;
  readonly length: number;
}

/** A name that was made, moved or removed: each becomes durable whole or not at all. */
type NameChange = readonly (readonly [path: string, inode: FakeInode | undefined])[];

class FakeInode {
  /** What a read gives now. */
  bytes: Buffer = Buffer.alloc(0);
  /** What is left after a power loss, with any part of `pending` on top. */
  durable: Buffer = Buffer.alloc(0);
  pending: PendingRange[] = [];
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
  /** Where a write really goes; undefined for nowhere. */
  divert: (call: number, path: string, offset: number) => number | undefined = (_, __, offset) =>
    offset;
  /** While true, durable writes and syncs do not finish. */
  isHolding = false;
  /** How long durable writes and syncs take: what they wait for. Absent: nothing. */
  pace: (() => Promise<void>) | undefined;
  readonly #random: Random;
  #generation = 0;
  #names = new Map<string, FakeInode>();
  #durableNames = new Map<string, FakeInode>();
  #nameChanges: NameChange[] = [];
  readonly #folders = new Set<string>();
  readonly #holders = new Map<string, string>();
  #held: (() => void)[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  async open(path: string, mode: Parameters<Disk["open"]>[1]): Promise<DiskFile> {
    const finish = this.#step("open", path);
    let inode = this.#names.get(path);
    if (mode === "create") {
      if (inode !== undefined) throw new DiskError(`open ${path}: it exists`, "EEXIST");
      inode = new FakeInode();
      this.#rename([[path, inode]]);
    }
    finish();
    if (inode === undefined) throw new DiskError(`open ${path}: no such file`, "ENOENT");
    return this.#handle(path, inode, mode === "durable");
  }

  async rename(from: string, to: string): Promise<void> {
    const finish = this.#step("rename", from);
    const inode = this.#names.get(from);
    if (inode === undefined) throw new DiskError(`rename ${from}: no such file`, "ENOENT");
    this.#rename([
      [from, undefined],
      [to, inode],
    ]);
    finish();
  }

  async remove(path: string): Promise<void> {
    const finish = this.#step("remove", path);
    if (!this.#names.has(path)) throw new DiskError(`remove ${path}: no such file`, "ENOENT");
    this.#rename([[path, undefined]]);
    finish();
  }

  async list(folder: string): Promise<readonly string[]> {
    this.#step("list", folder)();
    const prefix = joinPath(folder, "");
    return [...this.#names.keys()]
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length))
      .sort();
  }

  async makeFolder(folder: string): Promise<void> {
    this.#step("make folder", folder)();
    this.#folders.add(folder);
  }

  async syncFolder(folder: string): Promise<void> {
    const finish = this.#step("sync folder", folder);
    const prefix = joinPath(folder, "");
    const isThere = (change: NameChange) => change.some(([path]) => path.startsWith(prefix));
    for (const change of this.#nameChanges) {
      if (isThere(change)) applyChange(this.#durableNames, change);
    }
    this.#nameChanges = this.#nameChanges.filter((change) => !isThere(change));
    finish();
  }

  async exists(path: string): Promise<boolean> {
    this.#step("exists", path)();
    return this.#names.has(path);
  }

  async freeBytes(folder: string): Promise<number> {
    this.#step("statfs", folder)();
    return Math.max(0, this.capacityBytes - this.#usedBytes());
  }

  async lock(folder: string, holder: string): ReturnType<Disk["lock"]> {
    this.#step("lock", folder)();
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
    this.#names = this.#survivingNames();
    this.#durableNames = new Map(this.#names);
    this.#nameChanges = [];
    for (const inode of new Set(this.#names.values())) {
      for (const range of inode.pending) this.#tear(inode, range);
      inode.pending = [];
      inode.bytes = Buffer.from(inode.durable);
    }
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

  /**
   * Counts a call. One that is to fail does so at once, or when what it returned is called: after
   * it did its work.
   */
  #step(what: string, path: string): () => void {
    this.callCount += 1;
    const code = this.disturb(this.callCount, what, path);
    if (code === undefined) return () => undefined;
    const fail = (): void => {
      throw new DiskError(`${what} ${path}: ${code}`, code);
    };
    if (this.#random.fraction() < 0.5) fail();
    return fail;
  }

  #rename(change: NameChange): void {
    applyChange(this.#names, change);
    this.#nameChanges.push(change);
  }

  /** None of the changes that are not durable, all, those up to one of them, or any of them. */
  #survivingNames(): Map<string, FakeInode> {
    const names = new Map(this.#durableNames);
    const kind = Math.floor(this.#random.fraction() * 4);
    const upTo = Math.floor(this.#random.fraction() * this.#nameChanges.length);
    for (const [index, change] of this.#nameChanges.entries()) {
      const survives = [false, true, index <= upTo, this.#random.fraction() < 0.5][kind];
      if (survives) applyChange(names, change);
    }
    return names;
  }

  #tear(inode: FakeInode, { offset, length }: PendingRange): void {
    const end = offset + length;
    const kept: PendingRange[] = [];
    for (let start = offset; start < end; ) {
      const next = Math.min(end, start + SECTOR_BYTES - (start % SECTOR_BYTES));
      if (this.#random.fraction() < 0.5) kept.push({ offset: start, length: next - start });
      start = next;
    }
    // The last first, so that the file grows once.
    for (const range of kept.reverse()) keep(inode, range);
  }

  #settle(): Promise<void> {
    if (!this.isHolding) return this.pace?.() ?? Promise.resolve();
    return new Promise((resolve) => this.#held.push(resolve));
  }

  #makeDurable(inode: FakeInode, ranges: readonly PendingRange[]): void {
    for (const range of ranges) keep(inode, range);
    inode.pending = inode.pending.filter((range) => !ranges.includes(range));
  }

  /** How many of the bytes up to `end` there is room for. */
  #roomFor(inode: FakeInode, end: number): number {
    const grownBytes = Math.max(0, end - inode.bytes.length);
    const freeBytes = Math.max(0, this.capacityBytes - this.#usedBytes());
    return end - Math.max(0, grownBytes - freeBytes);
  }

  #usedBytes(): number {
    let total = 0;
    for (const inode of new Set(this.#names.values())) total += inode.bytes.length;
    return total;
  }

  /** The write as the page cache sees it: `fails` says whether it is told to fail. */
  #write(path: string, inode: FakeInode, given: Uint8Array, offset: number): PendingRange {
    this.callCount += 1;
    const code = this.disturb(this.callCount, "write", path);
    const at = this.divert(this.callCount, path, offset);
    if (at === undefined) return { offset, length: 0 };
    const room = this.#roomFor(inode, at + given.length) - at;
    const outcome = code === undefined ? 1 : this.#random.fraction();
    const wanted = outcome < 0.25 ? 0 : outcome < 0.5 ? given.length >>> 1 : given.length;
    const length = Math.max(0, Math.min(wanted, room));
    const range = { offset: at, length };
    inode.bytes = overwrite(inode.bytes, at, Buffer.from(given.subarray(0, length)));
    // What failed last may be in the page cache and called clean.
    if (code === undefined || outcome < 0.75) inode.pending.push(range);
    if (code !== undefined) throw new DiskError(`write ${path}: ${code}`, code);
    if (length < given.length) throw new DiskError("write: no space left", "ENOSPC");
    return range;
  }

  #handle(path: string, inode: FakeInode, isDurable: boolean): DiskFile {
    const generation = this.#generation;
    const live = (what: string): void => {
      if (generation !== this.#generation) throw new DiskError(`${what} ${path}: dead`, "EBADF");
    };
    const settled = async (): Promise<void> => {
      await this.#settle();
      if (generation !== this.#generation) await new Promise(() => undefined);
    };
    return {
      path,
      writeOnLoop: (given, offset) => {
        live("write");
        const range = this.#write(path, inode, given, offset);
        if (isDurable) this.#makeDurable(inode, [range]);
      },
      write: async (given, offset) => {
        live("write");
        const range = this.#write(path, inode, given, offset);
        if (!isDurable) return;
        await settled();
        this.#makeDurable(inode, [range]);
      },
      read: async (into, offset) => {
        live("read");
        this.#step("read", path)();
        const end = Math.min(inode.bytes.length, offset + into.length);
        return inode.bytes.copy(into, 0, offset, end);
      },
      sizeBytes: async () => {
        live("stat");
        this.#step("stat", path)();
        return inode.bytes.length;
      },
      truncate: async (sizeBytes) => {
        live("truncate");
        this.#step("truncate", path)();
        inode.bytes = Buffer.concat([inode.bytes], sizeBytes);
        inode.durable = Buffer.concat([inode.durable], sizeBytes);
      },
      sync: async () => {
        live("fdatasync");
        await this.#sync(path, inode, settled);
      },
      close: async () => {
        if (generation === this.#generation) this.#step("close", path)();
      },
    };
  }

  async #sync(path: string, inode: FakeInode, settled: () => Promise<void>): Promise<void> {
    const ranges = [...inode.pending];
    try {
      this.#step("fdatasync", path)();
    } catch (failure) {
      // Linux marks the pages clean: the next sync succeeds, and what was not written is gone.
      for (const range of ranges) this.#tear(inode, range);
      inode.pending = [];
      throw failure;
    }
    await settled();
    this.#makeDurable(inode, ranges);
  }
}

function applyChange(names: Map<string, FakeInode>, change: NameChange): void {
  for (const [path, inode] of change) {
    if (inode === undefined) names.delete(path);
    else names.set(path, inode);
  }
}

/** The bytes as they are now survive a power loss. */
function keep(inode: FakeInode, { offset, length }: PendingRange): void {
  if (length === 0) return;
  const bytes = inode.bytes.subarray(offset, offset + length);
  inode.durable = overwrite(inode.durable, offset, bytes);
}
