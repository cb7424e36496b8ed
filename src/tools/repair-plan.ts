/**
 * What is to be cut so that a server can start, and what that loses.
 *
 * A start reads the newest sound snapshot and the log behind it, so only damage there is looked
 * for. Where that snapshot has all up to behind the damage, nothing is cut: the segment begins anew
 * behind the snapshot, with what is sound there.
 */
import type { FolderKeys } from "../keys/folder-keys.ts";
import { defaultEncodingLimits } from "../keyspace/encoding-limits.ts";
import { type WalkedLog, walkLog } from "../log/folder-walk.ts";
import { LogDamaged, type LogTail } from "../log/log-driver.ts";
import { CHAIN_START } from "../log/record-format.ts";
import { RecordReader } from "../log/record-reader.ts";
import { SEGMENT_HEADER_BYTES, segmentSequence } from "../log/segment-format.ts";
import { readSegment, segmentsBehind } from "../log/segment-scan.ts";
import { surveySegment } from "../log/segment-survey.ts";
import type { World } from "../node/world.ts";
import { type Disk, joinPath } from "../runtime/disk.ts";
import { listSnapshots } from "../snapshot/snapshot-folder.ts";
import { SnapshotReader } from "../snapshot/snapshot-reader.ts";
import { verifySnapshot } from "../snapshot/verification.ts";
import { told } from "./check-snapshots.ts";
import { visitEffects } from "./record-effects.ts";
import { Refusal } from "./refusal.ts";

const NOTHING = Buffer.alloc(0);
const LOG_START: LogTail = { sequence: 0, epoch: 0, chain: CHAIN_START };

export interface CutPlan {
  /** The segment with the damage, and the first byte of it that goes; 0: all of it. */
  readonly segment: string;
  readonly offset: number;
  readonly what: string;
  /** The newest record that stays. */
  readonly lastSequence: number;
  /**
   * What the segment is replaced by, where what is behind its damage need not go: a snapshot has
   * what comes before, or only the segment's header is damaged.
   */
  readonly renewal: Salvage | undefined;
  /** Segments behind it, which go as a whole. */
  readonly laterSegments: readonly string[];
  readonly lost: LostRecords;
}

/** Of what is still readable. What is not readable may have held more. */
export interface LostRecords {
  readonly recordCount: number;
  readonly effectCount: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly unreadableBytes: number;
}

/** Records of a damaged segment that follow what is known, end to end. */
export interface Salvage {
  readonly known: LogTail;
  readonly records: readonly Buffer[];
  readonly lastSequence: number;
}

export interface PlanSettings {
  readonly folder: string;
  readonly databaseCount: number;
  readonly keys: FolderKeys;
  readonly names: readonly string[];
  readonly say: (line: string) => void;
  readonly progress: (line: string) => void;
}

/** Undefined where a start meets no damage. */
export async function planCut(world: World, settings: PlanSettings): Promise<CutPlan | undefined> {
  const { disk, timers } = world;
  const { folder, keys, progress } = settings;
  const base = await newestSound(world, settings);
  const names = segmentsBehind(settings.names, base.sequence);
  let last: LogTail | undefined;
  try {
    const walk = { disk, timers, folder, names, isHeld: false, keys };
    judge(
      await walkLog(walk, (_record, place) => {
        last = place;
        return undefined;
      }),
      base,
      folder,
    );
    return undefined;
  } catch (failure) {
    if (!(failure instanceof LogDamaged) || failure.place === undefined) throw failure;
    const { file, offset, what } = failure.place;
    progress(`${file} is damaged at byte ${offset}; counting what is behind it`);
    const rest = names.slice(names.findIndex((name) => joinPath(folder, name) === file));
    const place = { rest, offset: offset < SEGMENT_HEADER_BYTES ? 0 : offset, what };
    return await planAt(disk, settings, place, base, last);
  }
}

interface DamagedPlace {
  readonly rest: readonly string[];
  readonly offset: number;
  readonly what: string;
}

async function planAt(
  disk: Disk,
  { folder, keys }: PlanSettings,
  { rest, offset, what }: DamagedPlace,
  base: LogTail,
  last: LogTail | undefined,
): Promise<CutPlan> {
  const [segment, ...laterSegments] = rest;
  const isBelow = (last?.sequence ?? 0) < base.sequence;
  const known = last === undefined || isBelow ? base : last;
  // A segment that begins later has nothing that follows.
  const mayFollow = (segmentSequence(segment) ?? 0) <= known.sequence + 1;
  if (mayFollow && (isBelow || offset === 0)) {
    const renewal = await salvage(disk, joinPath(folder, segment), known, keys);
    if (isBelow || renewal.records.length > 0) {
      const { lastSequence } = renewal;
      const lost = await countLost(disk, folder, keys, [segment], offset, lastSequence);
      return { segment, offset: 0, what, lastSequence, renewal, laterSegments: [], lost };
    }
  }
  const lastSequence = known.sequence;
  const lost = await countLost(disk, folder, keys, rest, offset, lastSequence);
  return { segment, offset, what, lastSequence, renewal: undefined, laterSegments, lost };
}

/** What no cut mends. */
function judge({ start, tail }: WalkedLog, base: LogTail, folder: string): void {
  if (start.sequence > base.sequence) {
    throw new Refusal(
      `records ${base.sequence + 1} to ${start.sequence} are missing in ${folder}, and no sound ` +
        "snapshot has them: put back what is missing from a copy. Nothing was changed",
    );
  }
  if (tail.sequence >= base.sequence) return;
  throw new Refusal(
    `the log in ${folder} ends with record ${tail.sequence}, and a snapshot is of record ` +
      `${base.sequence}: put back the segments that are missing. Nothing was changed`,
  );
}

async function newestSound(
  { disk }: World,
  { folder, databaseCount, keys, say }: PlanSettings,
): Promise<LogTail> {
  for (const { sequence } of (await listSnapshots(disk, folder)).toReversed()) {
    const found = await told(async () => {
      const reader = await SnapshotReader.open(disk, folder, sequence, keys);
      try {
        await verifySnapshot(reader, databaseCount, defaultEncodingLimits(), () => undefined);
        const { epoch, chain } = reader.footer;
        return { sequence, epoch, chain };
      } finally {
        await reader.close();
      }
    });
    if (typeof found !== "string") return found;
    say(`a snapshot is damaged, and the one before it is what a start would take: ${found}`);
  }
  return LOG_START;
}

async function salvage(
  disk: Disk,
  path: string,
  known: LogTail,
  keys: FolderKeys,
): Promise<Salvage> {
  const records: Buffer[] = [];
  const bytes = await readable(disk, path);
  const reader = new RecordReader(keys);
  reader.sequence = known.sequence;
  reader.epoch = known.epoch;
  reader.chain = known.chain;
  if (typeof bytes === "number") return { known, records, lastSequence: known.sequence };
  for (const item of surveySegment(bytes, path, new RecordReader(keys))) {
    if (item.kind !== "record" || item.tampering !== undefined) continue;
    if (reader.explainMisfit(item.header) !== undefined) continue;
    const record = bytes.subarray(item.offset, item.offset + item.sizeBytes);
    reader.accept(record, path, item.offset);
    records.push(record);
  }
  return { known, records, lastSequence: reader.sequence };
}

async function countLost(
  disk: Disk,
  folder: string,
  keys: FolderKeys,
  names: readonly string[],
  offset: number,
  lastSequence: number,
): Promise<LostRecords> {
  const sequences = new Set<number>();
  let effectCount = 0;
  let unreadableBytes = 0;
  for (const [index, name] of names.entries()) {
    const from = index === 0 ? offset : 0;
    const bytes = await readable(disk, joinPath(folder, name));
    if (typeof bytes === "number") {
      unreadableBytes += bytes;
      continue;
    }
    for (const item of surveySegment(bytes, name, new RecordReader(keys))) {
      if (item.offset < from) continue;
      if (item.kind === "record") {
        const { sequence } = item.header;
        // What clients stored may look like a record: no sequence counts twice.
        if (sequence <= lastSequence || sequences.has(sequence)) continue;
        sequences.add(sequence);
        const payload = item.payload ?? NOTHING;
        effectCount += visitEffects(payload, () => undefined).effectCount;
      } else if (item.kind === "hole") unreadableBytes += item.end - item.offset;
      else unreadableBytes += lastWritten(bytes, item.offset) - item.offset;
    }
  }
  let firstSequence = 0;
  let last = 0;
  for (const sequence of sequences) {
    firstSequence = firstSequence === 0 ? sequence : Math.min(firstSequence, sequence);
    last = Math.max(last, sequence);
  }
  const recordCount = sequences.size;
  return { recordCount, effectCount, firstSequence, lastSequence: last, unreadableBytes };
}

/** The segment's bytes; or how many there are, where no segment can be so large. */
async function readable(disk: Disk, path: string): Promise<Buffer | number> {
  try {
    return await readSegment(disk, path);
  } catch (failure) {
    if (!(failure instanceof LogDamaged)) throw failure;
    const file = await disk.open(path, "read");
    try {
      return await file.sizeBytes();
    } finally {
      await file.close();
    }
  }
}

/** Behind the last byte that is not zero; at least `from`. */
export function lastWritten(bytes: Buffer, from: number): number {
  let end = bytes.length;
  while (end > from && bytes[end - 1] === 0) end -= 1;
  return end;
}
