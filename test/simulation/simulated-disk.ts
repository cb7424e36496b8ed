/**
 * What one simulated process sees of the disk: every call takes time that the seed gives, none ends
 * once the process is dead, and each is a line of the trace.
 */
import { crc32c } from "../../src/base/crc32c.ts";
import type { Disk, DiskFile, DiskMode, FolderLock } from "../../src/runtime/disk.ts";
import type { FakeDisk } from "../../src/runtime/fake-disk.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Trace } from "./trace.ts";

/** A flash disk, a busy one, and one that is away: what one process mostly meets. */
const USUAL_MS = [0.3, 2, 25];
const STALL_MS = 60;
const STALL_SHARE = 0.03;

export interface DiskOwner {
  isDead(): boolean;
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  /** Sees what is written, before it is. */
  written(path: string, bytes: Uint8Array): void;
}

export class SimulatedDisk implements Disk {
  readonly #disk: FakeDisk;
  readonly #owner: DiskOwner;
  writesInFlight = 0;
  /** Most calls of a process take about as long. */
  readonly #usualMs: number;

  constructor(disk: FakeDisk, owner: DiskOwner) {
    this.#disk = disk;
    this.#owner = owner;
    this.#usualMs = USUAL_MS[owner.scheduler.below(USUAL_MS.length)];
  }

  async open(path: string, mode: DiskMode): Promise<DiskFile> {
    await this.#call("open", path, mode);
    return this.#file(await this.#disk.open(path, mode));
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#call("rename", from, to);
    await this.#disk.rename(from, to);
    await this.#passes();
  }

  async remove(path: string): Promise<void> {
    await this.#call("remove", path);
    await this.#disk.remove(path);
    await this.#passes();
  }

  async list(folder: string): Promise<readonly string[]> {
    await this.#call("list", folder);
    return this.#disk.list(folder);
  }

  async makeFolder(folder: string): Promise<void> {
    await this.#call("make folder", folder);
    await this.#disk.makeFolder(folder);
  }

  async syncFolder(folder: string): Promise<void> {
    await this.#call("sync folder", folder);
    await this.#disk.syncFolder(folder);
    await this.#passes();
  }

  async exists(path: string): Promise<boolean> {
    await this.#call("exists", path);
    return this.#disk.exists(path);
  }

  async freeBytes(folder: string): Promise<number> {
    await this.#call("free", folder);
    return this.#disk.freeBytes(folder);
  }

  async holderOf(folder: string): Promise<string | undefined> {
    await this.#call("holder", folder);
    return this.#disk.holderOf(folder);
  }

  async lock(folder: string, holder: string): Promise<FolderLock> {
    await this.#call("lock", folder);
    return this.#disk.lock(folder, holder);
  }

  #file(file: DiskFile): DiskFile {
    const { path } = file;
    return {
      path,
      write: async (bytes, offset) => {
        this.#note("write", path, `${offset} ${bytes.length} ${crcOf(bytes)}`);
        this.#owner.written(path, bytes);
        this.writesInFlight += 1;
        this.#disk.pace = () => this.#passes();
        await file.write(bytes, offset);
        this.writesInFlight -= 1;
        await this.#passes();
      },
      writeOnLoop: (bytes, offset) => {
        this.#note("write on loop", path, `${offset} ${bytes.length} ${crcOf(bytes)}`);
        this.#owner.written(path, bytes);
        this.#owner.scheduler.pause(this.#latencyMs());
        file.writeOnLoop(bytes, offset);
      },
      read: async (into, offset) => {
        await this.#call("read", path, String(offset));
        return file.read(into, offset);
      },
      sizeBytes: async () => {
        await this.#call("stat", path);
        return file.sizeBytes();
      },
      truncate: async (sizeBytes) => {
        await this.#call("truncate", path, String(sizeBytes));
        await file.truncate(sizeBytes);
      },
      sync: async () => {
        this.#note("sync", path, "");
        this.#disk.pace = () => this.#passes();
        await file.sync();
        await this.#passes();
      },
      close: async () => {
        await this.#call("close", path);
        await file.close();
      },
    };
  }

  async #call(what: string, path: string, more = ""): Promise<void> {
    this.#note(what, path, more);
    await this.#passes();
  }

  #note(what: string, path: string, more: string): void {
    if (!this.#owner.isDead()) this.#owner.trace.add(`disk ${what} ${path} ${more}`);
  }

  /** Ends in a later turn; never for the dead. */
  #passes(): Promise<void> {
    const owner = this.#owner;
    if (owner.isDead()) return new Promise(() => undefined);
    return new Promise((resolve) => {
      owner.scheduler.after(this.#latencyMs(), () => {
        if (!owner.isDead()) resolve();
      });
    });
  }

  #latencyMs(): number {
    const { scheduler } = this.#owner;
    const most = scheduler.happens(STALL_SHARE) ? STALL_MS : this.#usualMs;
    return scheduler.random.fraction() * most;
  }
}

function crcOf(bytes: Uint8Array): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return crc32c(buffer, 0, buffer.length);
}
