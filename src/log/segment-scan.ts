/**
 * Reads one segment: every record in order, through the checks of RecordReader.
 *
 * Yields to the event loop through `visit`, which may return a promise. What stands behind the last
 * valid record must be zeros, except in the last segment, where `tail-check.ts` judges it.
 */
import { limits } from "../base/limits.ts";
import { type Disk, DiskError, joinPath } from "../runtime/disk.ts";
import { isPlanted } from "../runtime/failpoint.ts";
import type { LogTail, StoredRecord } from "./log-driver.ts";
import { checkTrailer, type RecordHeader, readHeader, recordBytes } from "./record-format.ts";
import { damaged, incomplete, noRecord, noSegment, type RecordReader } from "./record-reader.ts";
import { decodeSegmentHeader, SEGMENT_HEADER_BYTES, segmentSequence } from "./segment-format.ts";
import { checkTail, findRecord, type TailVerdict } from "./tail-check.ts";
import { isZero } from "./zeros.ts";

export interface ScannedSegment {
  /** Behind the last valid record. */
  readonly end: number;
  readonly lastRecord: Buffer | undefined;
  readonly sizeBytes: number;
  readonly verdict: TailVerdict;
  /** What a torn tail would cut. */
  readonly tornBytes: Buffer | undefined;
}

export type VisitStored = (record: StoredRecord, endOffset: number) => void | Promise<void>;

export async function readSegment(disk: Disk, path: string): Promise<Buffer> {
  const file = await disk.open(path, "read");
  try {
    const sizeBytes = await file.sizeBytes();
    if (sizeBytes > limits.segmentFileBytesMax) {
      throw damaged(path, 0, `no segment is as large as ${sizeBytes} bytes`);
    }
    const bytes = Buffer.allocUnsafeSlow(sizeBytes);
    const count = await file.read(bytes, 0);
    // What was not read must not look like a torn tail.
    if (count < bytes.length) throw new DiskError(`read ${path}: only ${count} bytes came`, "EIO");
    return bytes;
  } finally {
    await file.close();
  }
}

/** Of the log's segments, those from the one on that has the record behind `sequence`. */
export function segmentsBehind(names: readonly string[], sequence: number): readonly string[] {
  let first = 0;
  for (const [index, name] of names.entries()) {
    if ((segmentSequence(name) ?? 0) <= sequence + 1) first = index;
  }
  return names.slice(first);
}

/** Lets the reader begin with this segment, of which it is said what the log has up to `known`. */
export async function beginAtSegment(
  disk: Disk,
  path: string,
  reader: RecordReader,
  known: LogTail,
): Promise<void> {
  const file = await disk.open(path, "read");
  try {
    const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
    await file.read(bytes, 0);
    const header = decodeSegmentHeader(bytes);
    if (typeof header === "string") throw noSegment(bytes, path, header);
    if (header.firstSequence > known.sequence + 1) {
      const missing = `records ${known.sequence + 1} to ${header.firstSequence - 1} are missing`;
      throw incomplete(path, `${missing}, it starts with record ${header.firstSequence}`);
    }
    reader.beginAt(header, known);
  } finally {
    await file.close();
  }
}

export async function scanSegment(
  disk: Disk,
  folder: string,
  name: string,
  isLast: boolean,
  reader: RecordReader,
  visit: VisitStored,
): Promise<ScannedSegment> {
  const path = joinPath(folder, name);
  const bytes = await readSegment(disk, path);
  checkSegmentHeader(bytes, path, reader);
  let at = SEGMENT_HEADER_BYTES;
  let lastAt = at;
  for (;;) {
    const header = validHeader(bytes, at, reader);
    if (header === undefined) break;
    const end = at + recordBytes(header.payloadLength);
    const record = reader.follow(bytes.subarray(at, end), header, path, at);
    const visited = visit(record, end);
    if (visited !== undefined) await visited;
    lastAt = at;
    at = end;
  }
  // A copy, so that it does not keep the whole segment in memory.
  const lastRecord = at > lastAt ? Buffer.from(bytes.subarray(lastAt, at)) : undefined;
  const place = { end: at, lastRecord, sizeBytes: bytes.length };
  if (!isLast) {
    if (!isZero(bytes, at, bytes.length)) {
      throw noRecord(bytes, at, path, at, explain(bytes, at, reader));
    }
    return { ...place, verdict: { kind: "clean" }, tornBytes: undefined };
  }
  const verdict = checkTail(bytes, at, (header) => reader.explainMisfit(header));
  if (verdict.kind === "damaged") {
    throw noRecord(bytes, verdict.offset, path, verdict.offset, verdict.what);
  }
  const tornBytes =
    verdict.kind === "torn" ? Buffer.from(bytes.subarray(at, verdict.end)) : undefined;
  return { ...place, verdict, tornBytes };
}

function checkSegmentHeader(bytes: Buffer, path: string, reader: RecordReader): void {
  const header = decodeSegmentHeader(bytes);
  if (typeof header === "string") throw noSegment(bytes, path, header);
  if (header.firstSequence !== reader.sequence + 1) {
    const missing = reader.sequence + 1;
    throw damaged(path, 0, `it starts with record ${header.firstSequence}, not ${missing}`);
  }
  if (!header.previous.equals(reader.chain)) {
    throw damaged(path, 0, "it does not follow the segment before it (the chain differs)");
  }
}

/** The header at `at` of a record that is valid in itself and in its place. */
function validHeader(bytes: Buffer, at: number, reader: RecordReader): RecordHeader | undefined {
  const header = readHeader(bytes, at);
  if (typeof header === "string" || reader.explainMisfit(header) !== undefined) return undefined;
  const end = at + recordBytes(header.payloadLength);
  if (end > bytes.length) return undefined;
  const isSound = checkTrailer(bytes.subarray(at, end), header) === undefined;
  return isSound || isPlanted("planted.accept-torn-tail") ? header : undefined;
}

function explain(bytes: Buffer, at: number, reader: RecordReader): string {
  const header = readHeader(bytes, at);
  const wrong =
    typeof header === "string"
      ? header
      : (reader.explainMisfit(header) ?? checkTrailer(bytes.subarray(at), header));
  const later = findRecord(bytes, at + 1);
  const where = later < 0 ? "the log goes on in the next segment" : `it goes on at byte ${later}`;
  return `${wrong ?? "the record is not valid"}, and ${where}`;
}
