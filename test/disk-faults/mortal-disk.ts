/**
 * A disk as one process sees it: once that is dead, none of its calls ends or does anything. What a
 * test cannot end, a node or its follower that was cut off, must not reach the folder of the next.
 */
import type { Disk, DiskFile, DiskMode, FolderLock } from "../../src/runtime/disk.ts";

export class MortalDisk implements Disk {
  readonly #disk: Disk;
  #isDead = false;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  die(): void {
    this.#isDead = true;
  }

  async open(path: string, mode: DiskMode): Promise<DiskFile> {
    const file = await this.#live(() => this.#disk.open(path, mode));
    return {
      path,
      write: (bytes, offset) => this.#live(() => file.write(bytes, offset)),
      writeOnLoop: (bytes, offset) => file.writeOnLoop(bytes, offset),
      read: (into, offset) => this.#live(() => file.read(into, offset)),
      sizeBytes: () => this.#live(() => file.sizeBytes()),
      truncate: (sizeBytes) => this.#live(() => file.truncate(sizeBytes)),
      sync: () => this.#live(() => file.sync()),
      close: () => this.#live(() => file.close()),
    };
  }

  rename(from: string, to: string): Promise<void> {
    return this.#live(() => this.#disk.rename(from, to));
  }

  remove(path: string): Promise<void> {
    return this.#live(() => this.#disk.remove(path));
  }

  list(folder: string): Promise<readonly string[]> {
    return this.#live(() => this.#disk.list(folder));
  }

  makeFolder(folder: string): Promise<void> {
    return this.#live(() => this.#disk.makeFolder(folder));
  }

  syncFolder(folder: string): Promise<void> {
    return this.#live(() => this.#disk.syncFolder(folder));
  }

  exists(path: string): Promise<boolean> {
    return this.#live(() => this.#disk.exists(path));
  }

  freeBytes(folder: string): Promise<number> {
    return this.#live(() => this.#disk.freeBytes(folder));
  }

  lock(folder: string, holder: string): Promise<FolderLock> {
    return this.#live(() => this.#disk.lock(folder, holder));
  }

  holderOf(folder: string): Promise<string | undefined> {
    return this.#live(() => this.#disk.holderOf(folder));
  }

  async #live<Result>(call: () => Promise<Result>): Promise<Result> {
    if (this.#isDead) return new Promise(() => undefined);
    try {
      const result = await call();
      return this.#isDead ? new Promise(() => undefined) : result;
    } catch (failure) {
      if (this.#isDead) return new Promise(() => undefined);
      throw failure;
    }
  }
}
