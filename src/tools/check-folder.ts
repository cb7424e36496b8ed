/**
 * `check`: everything in a folder, verified by the same code that recovery uses, without changing
 * a byte. One pass over the log verifies it and applies what it holds; more passes follow where all
 * keys together would take more memory than was allowed.
 */
import type { MasterKeySetting } from "../keys/master-key.ts";
import { type LogWalk, type WalkedLog, walkLog } from "../log/folder-walk.ts";
import type { LogTail } from "../log/log-driver.ts";
import { LogDamaged } from "../log/log-driver.ts";
import type { World } from "../node/world.ts";
import { type Disk, DiskError, joinPath } from "../runtime/disk.ts";
import type { CheckReport, Damage } from "./check-report.ts";
import { FoldCheck } from "./fold-check.ts";
import { type FolderFile, folderFile } from "./folder-files.ts";
import { BadCall } from "./tool-call.ts";
import { keysOf } from "./tool-keys.ts";

/** What a byte of effects takes when it is applied, at most: small keys cost most. */
const MEMORY_FACTOR = 4;
const REPORT_PERIOD_MS = 1000;

const COPY_OR_CUT =
  "restore the folder from a copy; or let repair --cut-tail show what going on without it loses";

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
  const names = await disk.list(folder);
  if (names.length === 0) throw new BadCall(`there is nothing in ${folder}`);
  const lock = await lookAtLock(disk, folder);
  const { heldBy } = lock;
  const files = names.map(folderFile);
  const segments = files.filter(({ kind }) => kind === "segment").map(({ name }) => name);
  const keys = keysOf(world, folder, settings.masterKey);
  await keys.open();
  const walk = {
    disk,
    timers: world.timers,
    folder,
    names: segments,
    isHeld: heldBy !== undefined,
    keys,
  };
  const checked = await new LogCheck(world, settings, walk).run();
  return {
    folder,
    heldBy,
    log: { segmentCount: segments.length, ...checked.summary },
    notes: [...notesOf(files), ...checked.notes],
    damages: [...lock.damages, ...unfinished(folder, files), ...checked.damages],
  };
}

function unfinished(folder: string, files: readonly FolderFile[]): Damage[] {
  const marker = files.find(({ kind }) => kind === "unfinished");
  if (marker === undefined) return [];
  const what = "a restore into this folder was interrupted, so not all of it is there";
  const advice = "restore again into the same folder, or remove it";
  return [{ file: joinPath(folder, marker.name), what, advice }];
}

/** A lock that cannot be read stops a start, and tells nothing of who holds the folder. */
async function lookAtLock(
  disk: Disk,
  folder: string,
): Promise<{ readonly heldBy: string | undefined; readonly damages: readonly Damage[] }> {
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

class LogCheck {
  readonly notes: string[] = [];
  readonly damages: Damage[] = [];
  readonly #world: World;
  readonly #settings: CheckSettings;
  readonly #walk: LogWalk;
  #reportedAt: number;

  constructor(world: World, settings: CheckSettings, walk: LogWalk) {
    this.#world = world;
    this.#settings = settings;
    this.#walk = walk;
    this.#reportedAt = world.clock.monotonicMs();
  }

  async run() {
    const passCount = await this.#passCount();
    let keyCount = 0;
    let effectCount = 0;
    let last: LogTail | undefined;
    let walked: WalkedLog | undefined;
    for (let index = 0; index < passCount && this.damages.length === 0; index += 1) {
      const fold = new FoldCheck(this.#settings.databaseCount, { index, count: passCount });
      walked = await this.#pass(fold, (place) => {
        last = place;
      });
      effectCount = fold.effectCount;
      for (let at = 0; at < fold.keyspace.databases.length; at += 1) {
        keyCount += fold.keyspace.keyCount(at);
      }
    }
    const lastSequence = last?.sequence ?? 0;
    const firstSequence = walked?.firstSequence ?? (lastSequence > 0 ? 1 : 0);
    if (walked?.torn !== undefined) {
      const { file, offset, sizeBytes } = walked.torn;
      this.notes.push(
        `${file}, byte ${offset}: ${sizeBytes} bytes of an append that never finished and was ` +
          "never acknowledged; the next start cuts them",
      );
    }
    const epoch = last?.epoch ?? 0;
    const recordCount = walked?.recordCount ?? 0;
    const summary = {
      firstSequence,
      lastSequence,
      epoch,
      recordCount,
      effectCount,
      keyCount,
      passCount,
    };
    return { summary, notes: this.notes, damages: this.damages };
  }

  async #passCount(): Promise<number> {
    const { disk, folder, names } = this.#walk;
    let bytes = 0;
    for (const name of names) {
      const file = await disk.open(joinPath(folder, name), "read");
      bytes += await file.sizeBytes();
      await file.close();
    }
    return Math.max(1, Math.ceil((bytes * MEMORY_FACTOR) / this.#settings.memoryBytes));
  }

  async #pass(fold: FoldCheck, onRecord: (place: LogTail) => void): Promise<WalkedLog | undefined> {
    const nowMs = this.#world.clock.nowMs();
    try {
      return await walkLog(this.#walk, (record, place) => {
        onRecord(place);
        const wasSound = fold.problem === undefined;
        fold.take(record, nowMs);
        if (wasSound && fold.problem !== undefined) {
          const file = joinPath(this.#settings.folder, place.name);
          const what = `record ${record.sequence} is sound, but ${fold.problem}`;
          this.damages.push({ file, what, advice: "was it written by a newer version? Use that" });
        }
        this.#report(record.sequence);
        return undefined;
      });
    } catch (failure) {
      if (!(failure instanceof LogDamaged)) throw failure;
      const { place, message } = failure;
      this.damages.push(
        place === undefined
          ? { file: this.#settings.folder, what: message, advice: COPY_OR_CUT }
          : { ...place, advice: COPY_OR_CUT },
      );
      return undefined;
    }
  }

  #report(sequence: number): void {
    const now = this.#world.clock.monotonicMs();
    if (now - this.#reportedAt < REPORT_PERIOD_MS) return;
    this.#reportedAt = now;
    this.#settings.progress(`checked up to record ${sequence}`);
  }
}
