/**
 * The log of a folder for `check`: the first pass verifies every record that is there, and applies
 * those behind the newest sound snapshot to what that one holds. More passes follow where all keys
 * together would take more memory than was allowed, each for a range of slots.
 *
 * Damage below that snapshot does not stop a start, but it takes away what could be gone back to:
 * it is told, and the rest is checked all the same.
 */
import { SLOT_COUNT } from "../base/slot.ts";
import { type LogWalk, type WalkedLog, type WalkedPlace, walkLog } from "../log/folder-walk.ts";
import { LogDamaged, type StoredRecord } from "../log/log-driver.ts";
import { segmentSequence } from "../log/segment-format.ts";
import { segmentsBehind } from "../log/segment-scan.ts";
import type { World } from "../node/world.ts";
import { joinPath } from "../runtime/disk.ts";
import { snapshotName } from "../snapshot/snapshot-names.ts";
import { type FileKeys, type SlotRange, SnapshotReader } from "../snapshot/snapshot-reader.ts";
import type { CheckReport, Damage } from "./check-report.ts";
import type { SoundSnapshot } from "./check-snapshots.ts";
import { FoldCheck } from "./fold-check.ts";
import { keyCountOf } from "./folder.ts";

/** What a byte of effects or of a snapshot takes when it is applied, at most. */
const MEMORY_FACTOR = 4;
const REPORT_PERIOD_MS = 1000;

const COPY_OR_CUT =
  "restore the folder from a copy; or let repair --cut-tail show what going on without it loses";
const BELOW_SNAPSHOT =
  "no start needs it: it only takes away moments before the newest snapshot that could be " +
  "restored, and it goes when the next snapshots are made";
const PUT_BACK = "put back what is missing from a copy, or restore the folder from one";

export interface LogCheckSettings {
  readonly databaseCount: number;
  readonly memoryBytes: number;
  readonly keys: FileKeys;
  readonly progress: (line: string) => void;
}

export class LogCheck {
  readonly notes: string[] = [];
  readonly damages: Damage[] = [];
  readonly #world: World;
  readonly #settings: LogCheckSettings;
  readonly #walk: LogWalk;
  readonly #snapshots: readonly SoundSnapshot[];
  readonly #base: SoundSnapshot | undefined;
  #last: WalkedPlace | undefined;
  #effectCount = 0;
  #reportedAt: number;

  constructor(
    world: World,
    settings: LogCheckSettings,
    walk: LogWalk,
    snapshots: readonly SoundSnapshot[],
  ) {
    this.#world = world;
    this.#settings = settings;
    this.#walk = walk;
    this.#snapshots = snapshots;
    this.#base = snapshots.at(-1);
    this.#reportedAt = world.clock.monotonicMs();
  }

  async run(): Promise<Omit<CheckReport["log"], "segmentCount">> {
    const ranges = await this.#ranges();
    let keyCount = 0;
    let walked: WalkedLog | undefined;
    for (const [index, range] of ranges.entries()) {
      const fold = new FoldCheck(this.#settings.databaseCount, range);
      await this.#load(fold, range);
      if (index === 0) walked = await this.#firstPass(fold);
      else await this.#pass(fold, this.#needed);
      if (index === 0) this.#effectCount = fold.effectCount;
      keyCount += keyCountOf(fold.keyspace);
      if (this.damages.some(({ advice }) => advice !== BELOW_SNAPSHOT)) break;
    }
    const lastSequence = this.#last?.sequence ?? this.#base?.sequence ?? 0;
    return {
      firstSequence: walked?.firstSequence ?? (lastSequence > 0 ? 1 : 0),
      lastSequence,
      epoch: this.#last?.epoch ?? this.#base?.epoch ?? 0,
      recordCount: walked?.recordCount ?? 0,
      effectCount: this.#effectCount,
      keyCount,
      passCount: ranges.length,
    };
  }

  /** Of the log, as its first segment's name says. */
  get #firstSequence(): number {
    return segmentSequence(this.#walk.names[0] ?? "") ?? 1;
  }

  /** Segments that a start reads. */
  get #needed(): readonly string[] {
    const { names } = this.#walk;
    return this.#base === undefined ? names : segmentsBehind(names, this.#base.sequence);
  }

  async #firstPass(fold: FoldCheck): Promise<WalkedLog | undefined> {
    let walked = await this.#pass(fold, this.#walk.names);
    if (walked === undefined) walked = await this.#secondTry(fold);
    if (walked !== undefined) this.#judge(walked);
    return walked;
  }

  /** What was wrong may stand below the snapshot, where no start reads. */
  async #secondTry(fold: FoldCheck): Promise<WalkedLog | undefined> {
    const needed = this.#needed;
    const [damage] = this.damages.splice(-1);
    const isGap = damage.file === joinPath(this.#folder, needed[0]) && damage.offset === 0;
    const below = this.#walk.names.filter((name) => !needed.includes(name));
    const isBelow = below.some((name) => joinPath(this.#folder, name) === damage.file);
    if (below.length === 0 || !(isGap || isBelow)) {
      this.damages.push(damage);
      return undefined;
    }
    const walked = await this.#pass(fold, needed);
    if (isBelow) this.damages.push({ ...damage, advice: BELOW_SNAPSHOT });
    else if (walked !== undefined) {
      this.notes.push(
        `${damage.file}: ${damage.what}: moments between, below the newest snapshot, can no more be ` +
          "restored, nor could a start do without that snapshot",
      );
    }
    return walked;
  }

  get #folder(): string {
    return this.#walk.folder;
  }

  /** Whether the log goes on where the snapshot ends. */
  #judge({ start, tail, torn }: WalkedLog): void {
    const base = this.#base;
    const known = base?.sequence ?? 0;
    const file = joinPath(this.#folder, this.#walk.names[0] ?? "segment-*.log");
    const damaged = (what: string) => this.damages.push({ file, what, advice: PUT_BACK });
    if (start.sequence > known) {
      const missing = `records ${known + 1} to ${start.sequence} are missing`;
      damaged(base === undefined ? `${missing}, and no sound snapshot has them` : missing);
    } else if (tail.sequence < known) {
      damaged(`the log ends with record ${tail.sequence}, and a snapshot is of record ${known}`);
    } else if (base !== undefined && start.sequence === known && !start.chain.equals(base.chain)) {
      damaged(`it does not follow the record of snapshot ${known} (the chain differs)`);
    }
    if (torn === undefined) return;
    this.notes.push(
      `${torn.file}, byte ${torn.offset}: ${torn.sizeBytes} bytes of an append that never finished ` +
        "and was never acknowledged; the next start cuts them",
    );
  }

  async #load(fold: FoldCheck, range: SlotRange): Promise<void> {
    if (this.#base === undefined) return;
    const { sequence } = this.#base;
    const { keys } = this.#settings;
    const reader = await SnapshotReader.open(this.#world.disk, this.#folder, sequence, keys);
    try {
      await reader.loadRange(fold.keyspace, this.#world.clock.nowMs(), range, () => undefined);
    } finally {
      await reader.close();
    }
  }

  async #ranges(): Promise<SlotRange[]> {
    const { disk, folder } = this.#walk;
    let bytes = this.#base?.sizeBytes ?? 0;
    for (const name of this.#needed) {
      const file = await disk.open(joinPath(folder, name), "read");
      bytes += await file.sizeBytes();
      await file.close();
    }
    const wanted = Math.ceil((bytes * MEMORY_FACTOR) / this.#settings.memoryBytes);
    const count = Math.min(SLOT_COUNT, Math.max(1, wanted));
    const edge = (index: number) => Math.floor((SLOT_COUNT * index) / count);
    return Array.from({ length: count }, (_, index) => ({
      first: edge(index),
      end: edge(index + 1),
    }));
  }

  async #pass(fold: FoldCheck, names: readonly string[]): Promise<WalkedLog | undefined> {
    const nowMs = this.#world.clock.nowMs();
    try {
      return await walkLog({ ...this.#walk, names }, (record, place) => {
        this.#take(fold, record, place, nowMs);
        return undefined;
      });
    } catch (failure) {
      if (!(failure instanceof LogDamaged)) throw failure;
      const { place, message } = failure;
      this.damages.push(
        place === undefined
          ? { file: this.#folder, what: message, advice: COPY_OR_CUT }
          : { ...place, advice: COPY_OR_CUT },
      );
      return undefined;
    }
  }

  #take(fold: FoldCheck, record: StoredRecord, place: WalkedPlace, nowMs: number): void {
    this.#last = place;
    this.#compare(place);
    this.#report(record.sequence);
    const known = this.#base?.sequence ?? 0;
    // Effects do not fit where what they come after is missing, which is told as such.
    if (record.sequence <= known || this.#firstSequence > known + 1) return;
    const wasSound = fold.problem === undefined;
    fold.take(record, nowMs);
    if (!wasSound || fold.problem === undefined) return;
    const file = joinPath(this.#folder, place.name);
    const what = `record ${record.sequence} is sound, but ${fold.problem}`;
    this.damages.push({ file, what, advice: "was it written by a newer version? Use that" });
  }

  /** A snapshot names the record that it is of. */
  #compare({ sequence, epoch, chain }: WalkedPlace): void {
    const snapshot = this.#snapshots.find((known) => known.sequence === sequence);
    if (snapshot === undefined) return;
    if (snapshot.epoch === epoch && snapshot.chain.equals(chain)) return;
    const file = joinPath(this.#folder, snapshotName(sequence));
    const what = `record ${sequence} in the log is not the one that this snapshot names`;
    if (this.damages.some((known) => known.what === what)) return;
    this.damages.push({ file, what, advice: PUT_BACK });
  }

  #report(sequence: number): void {
    const now = this.#world.clock.monotonicMs();
    if (now - this.#reportedAt < REPORT_PERIOD_MS) return;
    this.#reportedAt = now;
    this.#settings.progress(`checked up to record ${sequence}`);
  }
}
