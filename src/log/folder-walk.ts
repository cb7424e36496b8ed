/**
 * Reads a folder's log as recovery does, with the same checks, but changes nothing and holds
 * nothing, so that it can read a folder that a server writes to.
 *
 * There the last record may be on its way, and looks torn or damaged until it has arrived: the
 * segment is read again until the log has gone on or the place has stayed as it is for a second.
 */

import type { Timers } from "../runtime/clock.ts";
import { type Disk, joinPath } from "../runtime/disk.ts";
import type { LogTail, RecordKeys, StoredRecord } from "./log-driver.ts";
import { LogDamaged } from "./log-driver.ts";
import { RecordReader } from "./record-reader.ts";
import { decodeSegmentHeader, segmentSequence } from "./segment-format.ts";
import { readSegment, type ScannedSegment, scanSegment } from "./segment-scan.ts";
import { readerBefore } from "./segment-survey.ts";

const LOOK_AGAIN_MS = 25;
const UNMOVED_LOOKS_MAX = 40;
const LOOKS_MAX = 400;

export interface LogWalk {
  readonly disk: Disk;
  readonly timers: Pick<Timers, "after">;
  readonly folder: string;
  readonly names: readonly string[];
  /** Whether a server holds the folder. */
  readonly isHeld: boolean;
  readonly keys: RecordKeys;
}

/** Where the log stands behind a record. */
export interface WalkedPlace extends LogTail {
  /** The segment that has it, and the first byte behind it there. */
  readonly name: string;
  readonly endOffset: number;
}

/** `stop`: no more is to be read, however damaged it is. */
export type VisitWalked = (record: StoredRecord, place: WalkedPlace) => undefined | "stop";

export interface WalkedLog {
  /** What its first segment says of the record before it, whose epoch nobody knows. */
  readonly start: LogTail;
  readonly tail: LogTail;
  readonly firstSequence: number;
  readonly recordCount: number;
  /** An append that never finished, which the next start cuts. */
  readonly torn:
    | { readonly file: string; readonly offset: number; readonly sizeBytes: number }
    | undefined;
}

/** Leaves the reading of a segment in its middle; nobody else sees it. */
class Stopped extends Error {}

export function segmentsOf(names: readonly string[]): string[] {
  return names.filter((name) => segmentSequence(name) !== undefined);
}

/** Throws LogDamaged like recovery. A log that was trimmed begins where its first segment does. */
export async function walkLog(walk: LogWalk, visit: VisitWalked): Promise<WalkedLog> {
  const { disk, folder, names } = walk;
  const reader = await firstReader(walk);
  const start = tailOf(reader);
  const firstSequence = start.sequence + 1;
  let seen = reader.sequence;
  let torn: WalkedLog["torn"];
  for (const [index, name] of names.entries()) {
    const file = joinPath(folder, name);
    const take = (record: StoredRecord, endOffset: number): void => {
      if (record.sequence <= seen) return;
      seen = record.sequence;
      const next = visit(record, { ...tailOf(reader), name, endOffset });
      if (next === "stop") throw new Stopped();
    };
    const isLast = index === names.length - 1;
    let scanned: ScannedSegment;
    try {
      scanned = isLast
        ? await scanLast(walk, name, reader, take)
        : await scanSegment(disk, folder, name, false, reader, take);
    } catch (failure) {
      if (!(failure instanceof Stopped)) throw failure;
      break;
    }
    if (scanned.verdict.kind === "torn") {
      torn = { file, offset: scanned.end, sizeBytes: scanned.verdict.end - scanned.end };
    }
  }
  const recordCount = seen - firstSequence + 1;
  return { start, tail: tailOf(reader), firstSequence, recordCount, torn };
}

async function firstReader({ disk, folder, names, keys }: LogWalk): Promise<RecordReader> {
  if (names.length === 0) return new RecordReader(keys);
  const bytes = await readSegment(disk, joinPath(folder, names[0]));
  const header = decodeSegmentHeader(bytes);
  // What is wrong with it is for the scan to say.
  return typeof header === "string" ? new RecordReader(keys) : readerBefore(bytes, header, keys);
}

async function scanLast(
  walk: LogWalk,
  name: string,
  reader: RecordReader,
  take: (record: StoredRecord, endOffset: number) => void,
): Promise<ScannedSegment> {
  const { disk, folder, isHeld, timers } = walk;
  const before = tailOf(reader);
  let end = -1;
  let unmovedCount = 0;
  for (let look = 1; ; look += 1) {
    place(reader, before);
    let damage: LogDamaged | undefined;
    let scanned: ScannedSegment | undefined;
    try {
      scanned = await scanSegment(disk, folder, name, true, reader, take);
      if (!isHeld || scanned.verdict.kind === "clean") return scanned;
    } catch (failure) {
      if (!isHeld || !(failure instanceof LogDamaged)) throw failure;
      damage = failure;
    }
    const stoodAt = scanned?.end ?? damage?.place?.offset ?? 0;
    const hasGoneOn = end >= 0 && stoodAt > end;
    // What stands there now was not there before, so it is on its way.
    if (hasGoneOn && scanned !== undefined) return { ...scanned, verdict: { kind: "clean" } };
    unmovedCount = hasGoneOn ? 0 : unmovedCount + 1;
    end = stoodAt;
    if (unmovedCount >= UNMOVED_LOOKS_MAX || look >= LOOKS_MAX) {
      if (scanned !== undefined) return scanned;
      throw damage;
    }
    await new Promise<void>((resolve) => timers.after(LOOK_AGAIN_MS, resolve));
  }
}

function tailOf(reader: RecordReader): LogTail {
  return { sequence: reader.sequence, chain: reader.chain, epoch: reader.epoch };
}

function place(reader: RecordReader, tail: LogTail): void {
  reader.sequence = tail.sequence;
  reader.chain = tail.chain;
  reader.epoch = tail.epoch;
}
