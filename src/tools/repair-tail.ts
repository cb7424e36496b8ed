/**
 * `repair --cut-tail`: where the log is damaged, what a cut there would lose; and the cut.
 *
 * Safe to be interrupted anywhere: until the last step the damage is still in place, so a server
 * refuses to start and the tool can be run again; and all that is taken out of the log was kept,
 * durably, before.
 */
import { must } from "../base/assert.ts";
import type { MasterKeySetting } from "../keys/master-key.ts";
import { segmentsOf } from "../log/folder-walk.ts";
import { recordShard } from "../log/record-format.ts";
import { encodeSegmentHeader, segmentName } from "../log/segment-format.ts";
import { readSegment } from "../log/segment-scan.ts";
import type { World } from "../node/world.ts";
import { type Disk, FolderHeld, type FolderLock, joinPath, replaceFile } from "../runtime/disk.ts";
import { Refusal } from "./refusal.ts";
import { type CutPlan, lastWritten, planCut } from "./repair-plan.ts";
import { BadCall } from "./tool-call.ts";
import { keysOf } from "./tool-keys.ts";

const ZERO_STEP_BYTES = 1024 * 1024;

export interface RepairSettings {
  readonly folder: string;
  readonly databaseCount: number;
  readonly isAgreed: boolean;
  readonly masterKey?: MasterKeySetting;
  readonly say: (line: string) => void;
  readonly progress: (line: string) => void;
}

export interface Repaired {
  readonly plan: CutPlan | undefined;
  /** Where what was cut is kept; empty if nothing was. */
  readonly kept: readonly string[];
}

export async function repairTail(world: World, settings: RepairSettings): Promise<Repaired> {
  const { disk } = world;
  const { folder } = settings;
  const names = segmentsOf(await disk.list(folder));
  if (names.length === 0) throw new BadCall(`there is no log in ${folder}`);
  if (!settings.isAgreed) {
    const heldBy = await disk.holderOf(folder);
    if (heldBy !== undefined) throw new Refusal(`${folder} is held by ${heldBy}; stop that one`);
    return { plan: await plan(world, settings, names), kept: [] };
  }
  const lock = await takeLock(world, folder);
  try {
    const found = await plan(world, settings, names);
    if (found === undefined) return { plan: undefined, kept: [] };
    const isRenewal = found.renewal !== undefined;
    const kept = await (isRenewal ? renew(disk, folder, found) : cut(disk, folder, found));
    return { plan: found, kept };
  } finally {
    await lock.release();
  }
}

async function plan(
  world: World,
  settings: RepairSettings,
  names: readonly string[],
): Promise<CutPlan | undefined> {
  const keys = keysOf(world, settings.folder, settings.masterKey);
  await keys.open();
  return await planCut(world, { ...settings, keys, names });
}

async function takeLock(world: World, folder: string): Promise<FolderLock> {
  try {
    return await world.disk.lock(folder, `pid ${world.process.id}, a tool that repairs`);
  } catch (failure) {
    if (failure instanceof FolderHeld) throw new Refusal(`${failure.message}; stop that one`);
    throw failure;
  }
}

/** A start reads the new segment as soon as it is there; the damaged one is nobody's then. */
async function renew(disk: Disk, folder: string, { segment, renewal }: CutPlan): Promise<string[]> {
  const { known, records } = must(renewal, "what the segment is replaced by");
  const firstSequence = known.sequence + 1;
  const name = segmentName(firstSequence);
  const stem = await freeStem(disk, folder, known.sequence);
  const keptName = `${stem}-${segment}`;
  const path = joinPath(folder, segment);
  const hasRecords = records.length > 0;
  if (name === segment && hasRecords) {
    await replaceFile(disk, folder, keptName, await readSegment(disk, path));
  } else if (name === segment) {
    // Nothing of it stays, and without it the log does not go on behind the snapshot.
    await disk.rename(path, joinPath(folder, keptName));
    await disk.syncFolder(folder);
  }
  const shard = hasRecords ? recordShard(records[0]) : 0;
  const header = encodeSegmentHeader({ shard, firstSequence, previous: known.chain });
  await replaceFile(disk, folder, name, Buffer.concat([header, ...records]));
  if (name !== segment) {
    await disk.rename(path, joinPath(folder, keptName));
    await disk.syncFolder(folder);
  }
  return [joinPath(folder, keptName)];
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
