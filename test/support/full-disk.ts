/**
 * A small file system in memory that can be filled up: it needs the right to mount one.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SIZE = "4m";

function asRoot(command: string, ...args: string[]): boolean {
  const [program, ...rest] =
    process.getuid?.() === 0 ? [command, ...args] : ["sudo", "-n", command, ...args];
  return spawnSync(program, rest).status === 0;
}

export class FullDisk {
  readonly folder: string;

  /** Throws where mounting is not allowed. */
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "lodestone-full-disk-"));
    const owner = `uid=${process.getuid?.() ?? 0},gid=${process.getgid?.() ?? 0},mode=700`;
    if (asRoot("mount", "-t", "tmpfs", "-o", `size=${SIZE},${owner}`, "tmpfs", this.folder)) return;
    rmSync(this.folder, { recursive: true });
    throw new Error("a tmpfs cannot be mounted here");
  }

  /** Leaves so many bytes for others. */
  fill(freeBytes: number): void {
    const { bavail, bsize } = statfsSync(this.folder);
    const taken = Buffer.alloc(Math.max(0, bavail * bsize - freeBytes), 1);
    writeFileSync(this.#filler, taken, { flag: "a" });
  }

  empty(): void {
    rmSync(this.#filler, { force: true });
  }

  remove(): void {
    asRoot("umount", "--lazy", this.folder);
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #filler(): string {
    return join(this.folder, "filler");
  }
}
