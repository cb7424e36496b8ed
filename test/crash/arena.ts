/**
 * Where servers die: a folder that outlives them, the processes that write to them and keep a
 * notebook, and copies of the folder on which others are started. Who dies how is told by
 * `deaths.ts`; what is there afterwards is the caller's to judge.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Random } from "../../src/runtime/clock.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { freePort, quickStart, ServerProcess } from "./server-process.ts";

/** Small, so that a life fills several and dies around their making. */
const SEGMENT_BYTES = 256 * 1024;
const COPY_TRIES_MAX = 20;
/** None but those that are asked for, the newest two kept, made in several passes over the log. */
const snapshotFlags = [
  ...["--snapshot-schedule", "", "--snapshot-log-bytes", "0"],
  ...["--snapshot-retention-days", "0", "--snapshot-memory", "1mb"],
];

/** So few with one data key that there is another in the middle of most lives. */
const BYTES_OF_A_DATA_KEY = 300_000;
const MASTER_KEY_BYTES = 32;

const arenas = new Set<Arena>();

/** After all tests of a file, whatever became of them. */
export async function removeArenas(): Promise<void> {
  for (const arena of arenas) await arena.remove();
}

/** A program that writes: PORT NOTEBOOK SEED FIRST_CONNECTION CONNECTIONS. */
export interface WriterProgram {
  readonly file: string;
  /** How many connections write in each life, by turns of two lives. */
  readonly connectionCounts: readonly number[];
}

/** One life's writers; `ended` resolves once all of them have ended with their server. */
export interface Writing {
  /** Of each program, in order. */
  readonly notebooks: readonly string[];
  readonly ended: Promise<unknown>;
}

export class Arena {
  readonly seed: number;
  readonly random: Random;
  readonly port: number;
  readonly #folder: string;
  readonly #freshPort: number;
  readonly #flags: readonly string[];
  readonly #processes = new Set<ServerProcess | ChildProcess>();
  #isKept = false;
  #copyCount = 0;

  private constructor(
    seed: number,
    folder: string,
    ports: readonly [number, number],
    flags: readonly string[],
  ) {
    this.seed = seed;
    this.random = seededRandom(seed);
    this.#folder = folder;
    [this.port, this.#freshPort] = ports;
    this.#flags = flags;
  }

  static async make(seed: number, isEncrypted = false): Promise<Arena> {
    const folder = await mkdtemp(join(tmpdir(), "lodestone-crash-"));
    const flags = [...snapshotFlags];
    if (isEncrypted) {
      const keyFile = join(folder, "master.key");
      await writeFile(keyFile, seededRandom(seed).hex(MASTER_KEY_BYTES));
      flags.push("--master-key-file", keyFile);
      flags.push("--data-key-max-bytes", String(BYTES_OF_A_DATA_KEY));
    }
    const arena = new Arena(seed, folder, [await freePort(), await freePort()], flags);
    arenas.add(arena);
    return arena;
  }

  get dataFolder(): string {
    return join(this.#folder, "data");
  }

  /** A whole number from 0 to below the limit. */
  below(limit: number): number {
    return Math.floor(this.random.fraction() * limit);
  }

  start(failpoints = ""): ServerProcess {
    return this.#launch({ folder: this.dataFolder, port: this.port, failpoints });
  }

  /** On another folder, and so on another port, beside the one of the arena. */
  startFresh(folder: string): ServerProcess {
    return this.#launch({ folder, port: this.#freshPort, failpoints: "" });
  }

  /**
   * The folder as it is now. A process that outlived its server may still write files of its own
   * there; what it takes away meanwhile is not missed.
   */
  async copyFolder(): Promise<string> {
    this.#copyCount += 1;
    const copy = join(this.#folder, `copy-${this.#copyCount}`);
    for (let tries = 1; ; tries += 1) {
      try {
        await cp(this.dataFolder, copy, { recursive: true });
        return copy;
      } catch (failure) {
        if (tries === COPY_TRIES_MAX || !isGone(failure)) throw failure;
        await this.removeCopy(copy);
      }
    }
  }

  /** While nobody holds the folder: a graph's file loses a bit, its end, or itself. */
  async damageGraphFile(): Promise<boolean> {
    const names = await readdir(this.dataFolder);
    const graphs = names.filter((name) => /\.graph-\d+$/.test(name));
    if (graphs.length === 0) return false;
    const path = join(this.dataFolder, graphs[this.below(graphs.length)]);
    const bytes = await readFile(path);
    const at = this.below(bytes.length);
    const how = this.below(3);
    if (how === 0) await rm(path);
    else if (how === 1) await truncate(path, at);
    else {
      bytes[at] ^= 1 << this.below(8);
      await writeFile(path, bytes);
    }
    return true;
  }

  async removeCopy(copy: string): Promise<void> {
    await rm(copy, { recursive: true, force: true });
  }

  /** Of that life; the server answers by now. */
  async startWriters(programs: readonly WriterProgram[], life: number): Promise<Writing> {
    const notebooks: string[] = [];
    const begun: Promise<unknown>[] = [];
    const ends: Promise<unknown>[] = [];
    for (const [index, { file, connectionCounts }] of programs.entries()) {
      const notebook = join(this.#folder, `notebook-${life}-${index}`);
      const count = connectionCounts[(life >> 1) % connectionCounts.length];
      const numbers = [(this.seed % 1000) * 10_000 + life, 0, count].map(String);
      const child = spawn(process.execPath, [file, String(this.port), notebook, ...numbers], {
        stdio: ["ignore", "pipe", "inherit"],
        env: quickStart(),
      });
      this.#processes.add(child);
      notebooks.push(notebook);
      begun.push(once(child.stdout, "data"));
      ends.push(
        once(child, "exit").then(([code]) => {
          this.#processes.delete(child);
          if (code !== 0) throw new Error(`a writer ended with code ${String(code)}`);
        }),
      );
    }
    const ended = Promise.all(ends);
    // Waited for when the server is dead; before that nobody looks.
    ended.catch(() => undefined);
    await Promise.all(begun);
    return { notebooks, ended };
  }

  async removeNotebooks({ notebooks }: Writing): Promise<void> {
    for (const notebook of notebooks) await rm(notebook, { force: true });
  }

  /** Leaves everything where it is, for whoever looks into a failure; where that is. */
  keep(): string {
    this.#isKept = true;
    return this.#folder;
  }

  async remove(): Promise<void> {
    arenas.delete(this);
    for (const process of this.#processes) process.kill("SIGKILL");
    if (!this.#isKept) await rm(this.#folder, { recursive: true, force: true });
  }

  #launch(options: { folder: string; port: number; failpoints: string }): ServerProcess {
    const common = { segmentBytes: SEGMENT_BYTES, flags: this.#flags };
    const server = new ServerProcess({ ...options, ...common });
    this.#processes.add(server);
    void server.exited.then(() => this.#processes.delete(server));
    return server;
  }
}

function isGone(failure: unknown): boolean {
  return failure instanceof Error && "code" in failure && failure.code === "ENOENT";
}
