/**
 * Makes a snapshot from files alone: the newest valid snapshot and the log's records behind it, up
 * to a sequence that is durable. It never asks the serving process for anything.
 *
 * The keyspace is folded one range of slots at a time, each in a pass of its own over the log, in
 * which effects on other slots are skipped: so memory is bounded by a budget, and by the largest
 * value. A range that turns out to be too large is cut in the middle of its pass. What was written
 * is read back and compared (`verification.ts`) before this resolves; the caller gives it its name.
 */
import { assert } from "../base/assert.ts";
import { ByteReader } from "../base/byte-reader.ts";
import { SLOT_COUNT, slotOf } from "../base/slot.ts";
import { EffectId } from "../keyspace/effect.ts";
import { checkFits } from "../keyspace/effect-fit.ts";
import { decodeWanted } from "../keyspace/effect-skip.ts";
import type { EncodingLimits } from "../keyspace/encoding-limits.ts";
import { Keyspace } from "../keyspace/keyspace.ts";
import { CHAIN_START } from "../log/record-format.ts";
import { segmentSequence } from "../log/segment-format.ts";
import { type LogPlace, walkRecords } from "../log/segment-walk.ts";
import type { Clock, Timers } from "../runtime/clock.ts";
import { type Disk, joinPath } from "../runtime/disk.ts";
import { isPlanted } from "../runtime/failpoint.ts";
import { digestText } from "./entry-digest.ts";
import { listSnapshots } from "./snapshot-folder.ts";
import { snapshotName, temporaryName } from "./snapshot-names.ts";
import { type FileKeys, SnapshotDamaged, SnapshotReader } from "./snapshot-reader.ts";
import { SnapshotWriter } from "./snapshot-writer.ts";
import { verifySnapshot } from "./verification.ts";

export interface FoldJob {
  readonly folder: string;
  /** Durable, and at or behind the newest snapshot's. */
  readonly sequence: number;
  readonly madeAtMs: number;
  /** What the keyspace of one pass may take, by its own account. */
  readonly memoryBytes: number;
  readonly databaseCount: number;
  /** Those of the serving process; they decide names only. */
  readonly encodingLimits: EncodingLimits;
}

export interface FoldWorld {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly timers: Pick<Timers, "soon">;
}

export type FoldStep = "folding" | "verifying";

export interface FoldListener {
  progress(step: FoldStep, fraction: number): void;
  /** A snapshot that should have been the base cannot be used; an older one is taken. */
  baseDamaged(message: string): void;
}

export interface FoldResult {
  readonly sizeBytes: number;
  readonly keyCount: number;
  readonly digest: string;
  /** Of the snapshot that it began with, all of which was read and found sound; 0 for none. */
  readonly baseSequence: number;
  readonly passCount: number;
}

/** Work goes on for so long before others have a turn. */
const SLICE_MS = 10;
const REPORT_PERIOD_MS = 250;
/** A pass takes so much of its budget if all slots are alike. */
const AIMED_SHARE = 0.75;
/** What a range keeps that was cut: it goes on growing. */
const CUT_SHARE = 0.5;
/** A keyspace takes about so much more than a snapshot's file. */
const FILE_FACTOR = 1.6;

const LOG_START: LogPlace = { sequence: 0, epoch: 0, chain: CHAIN_START, timeMs: 0 };

export async function foldSnapshot(
  world: FoldWorld,
  job: FoldJob,
  keys: FileKeys | undefined,
  listener: FoldListener,
): Promise<FoldResult> {
  const candidates = (await listSnapshots(world.disk, job.folder))
    .map(({ sequence }) => sequence)
    .filter((sequence) => sequence <= job.sequence)
    .reverse();
  for (const sequence of [...candidates, 0]) {
    try {
      return await new Fold(world, job, keys, listener).run(sequence);
    } catch (failure) {
      if (!(failure instanceof BaseDamaged)) throw failure;
      listener.baseDamaged(failure.message);
    }
  }
  throw new SnapshotDamaged(`${job.folder}: no snapshot can be the base of the next`);
}

class BaseDamaged extends Error {}

class Fold {
  readonly #world: FoldWorld;
  readonly #job: FoldJob;
  readonly #keys: FileKeys | undefined;
  readonly #listener: FoldListener;
  readonly #path: string;
  readonly #keyspace: Keyspace;
  /** `end` comes down in the middle of a pass whose keys are too large. */
  readonly #range = { first: 0, end: SLOT_COUNT };
  #sliceStart: number;
  #reportedAt: number;

  constructor(world: FoldWorld, job: FoldJob, keys: FileKeys | undefined, listener: FoldListener) {
    this.#world = world;
    this.#job = job;
    this.#keys = keys;
    this.#listener = listener;
    this.#path = joinPath(job.folder, temporaryName(snapshotName(job.sequence)));
    this.#keyspace = new Keyspace(job.databaseCount);
    Object.assign(this.#keyspace.encodingLimits, job.encodingLimits);
    this.#sliceStart = world.clock.monotonicMs();
    this.#reportedAt = 0;
  }

  async run(baseSequence: number): Promise<FoldResult> {
    const { disk } = this.#world;
    const { sequence, madeAtMs } = this.#job;
    const base = await this.#openBase(baseSequence);
    if (await disk.exists(this.#path)) await disk.remove(this.#path);
    const writer = await SnapshotWriter.create(
      disk,
      this.#path,
      { sequence, madeAtMs },
      this.#keys?.cipher,
    );
    try {
      const passCount = await this.#passes(base, writer);
      const verified = await this.#verify();
      return { ...verified, baseSequence, passCount };
    } catch (failure) {
      await writer.abandon();
      if (await disk.exists(this.#path)) await disk.remove(this.#path);
      throw failure;
    } finally {
      await base?.close();
    }
  }

  async #openBase(sequence: number): Promise<SnapshotReader | undefined> {
    if (sequence === 0) return undefined;
    const { disk } = this.#world;
    return await asBase(() => SnapshotReader.open(disk, this.#job.folder, sequence, this.#keys));
  }

  async #passes(base: SnapshotReader | undefined, writer: SnapshotWriter): Promise<number> {
    const range = this.#range;
    let place: LogPlace | undefined;
    let passCount = 0;
    let slotCount = await this.#firstSlotCount(base);
    while (range.first < SLOT_COUNT) {
      range.end = Math.min(SLOT_COUNT, range.first + slotCount);
      const reached = await this.#pass(base);
      assert(place === undefined || place.chain.equals(reached.chain), "each pass reads one log");
      place = reached;
      if (passCount === 0) await writer.addGlobals(this.#keyspace);
      await writer.addRange(this.#keyspace);
      slotCount = this.#nextSlotCount();
      this.#empty();
      passCount += 1;
      range.first = range.end;
      this.#report("folding", range.first / SLOT_COUNT);
    }
    assert(place !== undefined, "there is a first pass");
    await writer.finish(place);
    return passCount;
  }

  /** Folds the range into the keyspace; where the log was then. */
  async #pass(base: SnapshotReader | undefined): Promise<LogPlace> {
    const { disk } = this.#world;
    const { folder, sequence } = this.#job;
    let from = LOG_START;
    if (base !== undefined) {
      await asBase(() => base.loadRange(this.#keyspace, 0, this.#range, () => this.#checkRoom()));
      from = { sequence: base.sequence, ...base.footer };
    }
    const log = { disk, folder, keys: this.#keys };
    return await walkRecords(log, from, sequence, (record) => {
      const isLast = record.sequence === sequence;
      if (isLast && isPlanted("planted.snapshot-misses-record")) return undefined;
      this.#apply(record.payload);
      return this.#checkRoom();
    });
  }

  #apply(payload: Buffer): void {
    this.#keyspace.releaseValues();
    const reader = new ByteReader(payload);
    while (reader.remaining > 0) {
      for (let left = reader.u32(); left > 0; left -= 1) {
        const effect = decodeWanted(reader, this.#isWanted);
        if (effect === undefined) continue;
        checkFits(this.#keyspace, effect);
        this.#keyspace.apply(effect, 0);
      }
    }
  }

  readonly #isWanted = (key: string): boolean => {
    const slot = slotOf(key);
    return slot >= this.#range.first && slot < this.#range.end;
  };

  /** Cuts the range if it needs too much, and lets others have a turn. */
  #checkRoom(): Promise<void> | undefined {
    const { first, end } = this.#range;
    if (this.#keyspace.usedBytes > this.#job.memoryBytes && end - first > 1) this.#cutRange();
    return this.#breath();
  }

  #cutRange(): void {
    const { databases } = this.#keyspace;
    const bytesOf = new Float64Array(SLOT_COUNT);
    for (const store of databases) {
      for (let place = 0; place < store.keyCount; place += 1) {
        const key = store.keyAtPlace(place);
        bytesOf[slotOf(key)] += store.sizeBytesAt(store.find(key));
      }
    }
    const kept = this.#job.memoryBytes * CUT_SHARE;
    let end = this.#range.first;
    for (let sum = 0; end < this.#range.end; end += 1) {
      sum += bytesOf[end];
      if (sum > kept && end > this.#range.first) break;
    }
    if (end === this.#range.end) end -= 1;
    this.#range.end = Math.max(end, this.#range.first + 1);
    for (const [database, store] of databases.entries()) {
      // From the last place down: what moves into a place that is freed was met already.
      for (let place = store.keyCount - 1; place >= 0; place -= 1) {
        const key = store.keyAtPlace(place);
        if (slotOf(key) < this.#range.end) continue;
        this.#keyspace.apply({ id: EffectId.keyDelete, database, key, reason: "deleted" }, 0);
      }
    }
  }

  #empty(): void {
    this.#keyspace.apply({ id: EffectId.allFlush }, 0);
  }

  async #firstSlotCount(base: SnapshotReader | undefined): Promise<number> {
    const bytes = await logBytes(this.#world.disk, this.#job.folder);
    const expected = (base?.sizeBytes ?? 0) * FILE_FACTOR + bytes;
    return slotsFor(this.#job.memoryBytes, expected / SLOT_COUNT);
  }

  #nextSlotCount(): number {
    const { first, end } = this.#range;
    return slotsFor(this.#job.memoryBytes, this.#keyspace.usedBytes / (end - first));
  }

  async #verify(): Promise<Omit<FoldResult, "baseSequence" | "passCount">> {
    const { folder, sequence, databaseCount, encodingLimits } = this.#job;
    const name = temporaryName(snapshotName(sequence));
    const reader = await SnapshotReader.open(this.#world.disk, folder, sequence, this.#keys, name);
    try {
      await verifySnapshot(reader, databaseCount, encodingLimits, (bytesDone) => {
        this.#report("verifying", bytesDone / reader.sizeBytes);
        return this.#breath();
      });
      const { sizeBytes, keyCount, footer } = reader;
      return { sizeBytes, keyCount, digest: digestText(footer.digest) };
    } finally {
      await reader.close();
    }
  }

  #report(step: FoldStep, fraction: number): void {
    const nowMs = this.#world.clock.monotonicMs();
    if (nowMs - this.#reportedAt < REPORT_PERIOD_MS) return;
    this.#reportedAt = nowMs;
    this.#listener.progress(step, fraction);
  }

  #breath(): Promise<void> | undefined {
    const { clock, timers } = this.#world;
    if (clock.monotonicMs() - this.#sliceStart < SLICE_MS) return undefined;
    return new Promise((resolve) => {
      timers.soon(() => {
        this.#sliceStart = clock.monotonicMs();
        resolve();
      });
    });
  }
}

async function asBase<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (failure) {
    if (failure instanceof SnapshotDamaged) throw new BaseDamaged(failure.message);
    throw failure;
  }
}

function slotsFor(memoryBytes: number, bytesEach: number): number {
  if (bytesEach * SLOT_COUNT <= memoryBytes * AIMED_SHARE) return SLOT_COUNT;
  return Math.max(1, Math.floor((memoryBytes * AIMED_SHARE) / bytesEach));
}

async function logBytes(disk: Disk, folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await disk.list(folder)) {
    if (segmentSequence(name) === undefined) continue;
    const file = await disk.open(joinPath(folder, name), "read");
    bytes += await file.sizeBytes();
    await file.close();
  }
  return bytes;
}
