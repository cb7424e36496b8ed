/**
 * `repair --cut-tail`: where the log is damaged, what a cut there would lose; and the cut.
 *
 * Safe to be interrupted anywhere: until the last step the damage is still in place, so a server
 * refuses to start and the tool can be run again; and all that is taken out of the log was kept,
 * durably, before.
 */
import type { FolderKeys } from "../keys/folder-keys.ts";
import type { MasterKeySetting } from "../keys/master-key.ts";
import { segmentsOf, walkLog } from "../log/folder-walk.ts";
import { LogDamaged } from "../log/log-driver.ts";
import { RecordReader } from "../log/record-reader.ts";
import { SEGMENT_HEADER_BYTES } from "../log/segment-format.ts";
import { readSegment } from "../log/segment-scan.ts";
import { surveySegment } from "../log/segment-survey.ts";
import type { World } from "../node/world.ts";
import { type Disk, FolderHeld, type FolderLock, joinPath, replaceFile } from "../runtime/disk.ts";
import { visitEffects } from "./record-effects.ts";
import { Refusal } from "./refusal.ts";
import { BadCall } from "./tool-call.ts";
import { keysOf } from "./tool-keys.ts";

const ZERO_STEP_BYTES = 1024 * 1024;
const NOTHING = Buffer.alloc(0);

export interface RepairSettings {
  readonly folder: string;
  readonly isAgreed: boolean;
  readonly masterKey?: MasterKeySetting;
  readonly progress: (line: string) => void;
}

export interface CutPlan {
  /** The segment with the damage, and the first byte of it that goes; 0: all of it. */
  readonly segment: string;
  readonly offset: number;
  readonly what: string;
  /** The newest record that stays. */
  readonly lastSequence: number;
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

export interface Repaired {
  readonly plan: CutPlan | undefined;
  /** Where what was cut is kept; empty if nothing was. */
  readonly kept: readonly string[];
}

export async function repairTail(world: World, settings: RepairSettings): Promise<Repaired> {
  const { disk } = world;
  const { folder } = settings;
  const segments = segmentsOf(await disk.list(folder));
  if (segments.length === 0) throw new BadCall(`there is no log in ${folder}`);
  if (!settings.isAgreed) {
    const heldBy = await disk.holderOf(folder);
    if (heldBy !== undefined) throw new Refusal(`${folder} is held by ${heldBy}; stop that one`);
    return { plan: await planCut(world, settings, segments), kept: [] };
  }
  const lock = await takeLock(world, folder);
  try {
    const plan = await planCut(world, settings, segments);
    return { plan, kept: plan === undefined ? [] : await cut(disk, folder, plan) };
  } finally {
    await lock.release();
  }
}

async function takeLock(world: World, folder: string): Promise<FolderLock> {
  try {
    return await world.disk.lock(folder, `pid ${world.process.id}, a tool that repairs`);
  } catch (failure) {
    if (failure instanceof FolderHeld) throw new Refusal(`${failure.message}; stop that one`);
    throw failure;
  }
}

async function planCut(
  world: World,
  { folder, masterKey, progress }: RepairSettings,
  names: readonly string[],
): Promise<CutPlan | undefined> {
  const { disk, timers } = world;
  const keys = keysOf(world, folder, masterKey);
  await keys.open();
  let lastSequence: number | undefined;
  try {
    await walkLog({ disk, timers, folder, names, isHeld: false, keys }, ({ sequence }) => {
      lastSequence = sequence;
      return undefined;
    });
    return undefined;
  } catch (failure) {
    if (!(failure instanceof LogDamaged) || failure.place === undefined) throw failure;
    const { file, offset, what } = failure.place;
    const index = names.findIndex((name) => joinPath(folder, name) === file);
    const rest = names.slice(index);
    progress(`${file} is damaged at byte ${offset}; counting what is behind it`);
    const sequence = lastSequence ?? 0;
    return {
      segment: rest[0],
      offset: offset < SEGMENT_HEADER_BYTES ? 0 : offset,
      what,
      lastSequence: sequence,
      laterSegments: rest.slice(1),
      lost: await countLost(disk, folder, keys, rest, offset, sequence),
    };
  }
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
function lastWritten(bytes: Buffer, from: number): number {
  let end = bytes.length;
  while (end > from && bytes[end - 1] === 0) end -= 1;
  return end;
}

async function cut(disk: Disk, folder: string, plan: CutPlan): Promise<string[]> {
  const { segment, offset, lastSequence, laterSegments } = plan;
  const stem = await freeStem(disk, folder, lastSequence);
  const kept: string[] = [];
  const path = joinPath(folder, segment);
  const isWhole = offset === 0;
  if (!isWhole) {
    const bytes = await readSegment(disk, path);
    const rest = bytes.subarray(offset, lastWritten(bytes, offset));
    await replaceFile(disk, folder, `${stem}.bin`, rest);
    kept.push(joinPath(folder, `${stem}.bin`));
  }
  // From the last one on: whatever interrupts this, the log still ends in its damage.
  for (const name of [...(isWhole ? [segment] : []), ...laterSegments].toReversed()) {
    const to = joinPath(folder, `${stem}-${name}`);
    await disk.rename(joinPath(folder, name), to);
    await disk.syncFolder(folder);
    kept.push(to);
  }
  if (!isWhole) await writeZeros(disk, path, offset);
  return kept;
}

async function freeStem(disk: Disk, folder: string, sequence: number): Promise<string> {
  const names = await disk.list(folder);
  for (let number = 1; ; number += 1) {
    const stem = `cut-after-${sequence}-${number}`;
    if (!names.some((name) => name === stem || /^[.-]/.test(rest(name, stem)))) return stem;
  }
}

function rest(name: string, stem: string): string {
  return name.startsWith(stem) ? name.slice(stem.length) : "";
}

async function writeZeros(disk: Disk, path: string, from: number): Promise<void> {
  const file = await disk.open(path, "write");
  try {
    const sizeBytes = await file.sizeBytes();
    const zeros = Buffer.alloc(Math.min(ZERO_STEP_BYTES, sizeBytes - from));
    for (let at = from; at < sizeBytes; at += zeros.length) {
      await file.write(zeros.subarray(0, Math.min(zeros.length, sizeBytes - at)), at);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}
