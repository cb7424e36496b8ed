/**
 * Torn or damaged? What stands behind the last valid record decides between "the last append never
 * finished, and nobody was told that it had" (cut it) and "something durable was destroyed" (stop).
 *
 * Torn needs evidence of something never written: a segment is zeros until it is written, and a
 * record's marks have no zero byte. So the end of the record, or a whole sector of it, must still
 * be zeros. A record of which everything was written but whose checksum is wrong is damage, and so
 * is one in which a single flipped bit explains the checksum.
 */
import { crc32c, findFlippedBit } from "../base/crc32c.ts";
import { limits } from "../base/limits.ts";
import {
  checkTrailer,
  RECORD_END_MARK,
  RECORD_HEADER_BYTES,
  RECORD_MAGIC,
  type RecordHeader,
  readHeader,
  recordBytes,
} from "./record-format.ts";
import { SECTOR_BYTES } from "./segment-format.ts";
import { isZero } from "./zeros.ts";

export type TailVerdict =
  | { readonly kind: "clean" }
  /** Cut from `offset` to `end`, behind which all is zeros. */
  | { readonly kind: "torn"; readonly end: number }
  | { readonly kind: "damaged"; readonly offset: number; readonly what: string };

/**
 * `bytes` is the last segment; `at` is behind its last valid record; `misfit` as RecordReader's.
 */
export function checkTail(
  bytes: Buffer,
  at: number,
  misfit: (header: RecordHeader) => string | undefined,
): TailVerdict {
  if (isZero(bytes, at, bytes.length)) return { kind: "clean" };
  const later = findRecord(bytes, at + 1);
  const header = readHeader(bytes, at);
  if (typeof header === "string") {
    if (later >= 0) return damage(at, `${header}, and a valid record follows at byte ${later}`);
    if (!isHeaderUnwritten(bytes, at)) return damage(at, header);
    return { kind: "torn", end: lastByte(bytes) + 1 };
  }
  const wrong = misfit(header);
  if (wrong !== undefined) return damage(at, wrong);
  const end = at + recordBytes(header.payloadLength);
  // A plain payload may hold records as somebody's value; a sealed one cannot.
  if (later >= (header.keyId === 0 ? end : at) || (later >= 0 && isNext(bytes, later, header))) {
    return damage(at, `the record is not valid, and a valid record follows at byte ${later}`);
  }
  if (end > bytes.length) return { kind: "torn", end: bytes.length };
  if (!isZero(bytes, end, bytes.length)) {
    return damage(at, "the record is not valid, and there is more behind it");
  }
  return checkBody(bytes, at, end, header.payloadLength);
}

function checkBody(bytes: Buffer, at: number, end: number, payloadLength: number): TailVerdict {
  const trailer = at + RECORD_HEADER_BYTES + payloadLength;
  if (bytes[end - 1] === 0) return { kind: "torn", end };
  if (crc32c(bytes, at, trailer) === bytes.readUInt32LE(trailer)) return damage(at, "no end mark");
  const flipped = findFlippedBit(bytes, at, trailer, bytes.readUInt32LE(trailer));
  if (flipped >= 0) return damage(at, `a bit of byte ${flipped} is flipped`);
  if (hasUnwrittenSector(bytes, at, end)) return { kind: "torn", end };
  return damage(at, "all of the record was written, and its checksum is wrong");
}

/**
 * Whether the same process wrote the record at `later` behind this one, which was whole by then: it
 * was written to a wrong place. A value that looks like it cannot know its writer's random bytes.
 */
function isNext(bytes: Buffer, later: number, { writer, sequence }: RecordHeader): boolean {
  const header = readHeader(bytes, later);
  if (typeof header === "string") return false;
  return header.sequence === sequence + 1 && header.writer.equals(writer);
}

/** The header's mark is missing, or the sector where the record starts was never written. */
function isHeaderUnwritten(bytes: Buffer, at: number): boolean {
  const markEnd = at + RECORD_HEADER_BYTES;
  if (markEnd > bytes.length || bytes[markEnd - 1] === 0) return true;
  const sectorEnd = Math.ceil((at + 1) / SECTOR_BYTES) * SECTOR_BYTES;
  return sectorEnd < markEnd && isZero(bytes, at, sectorEnd);
}

function hasUnwrittenSector(bytes: Buffer, at: number, end: number): boolean {
  for (let start = at; start < end; ) {
    const next = Math.min(end, Math.floor(start / SECTOR_BYTES + 1) * SECTOR_BYTES);
    if (next - start > RECORD_HEADER_BYTES && isZero(bytes, start, next)) return true;
    start = next;
  }
  return false;
}

/** What searches of one file may still cost. */
export interface SearchBudget {
  bytesLeft: number;
}

/**
 * Where the next wholly valid record starts, at `from` or later; -1 for none. Headers that each
 * declare most of the file could make this take for ever, so beyond its budget a record whose
 * header and end mark are in place counts as valid: that stops a start, and never lets one go on.
 */
export function findRecord(
  bytes: Buffer,
  from: number,
  budget: SearchBudget = { bytesLeft: limits.recordSearchBytesMax },
): number {
  const magic = Buffer.alloc(4);
  magic.writeUInt32LE(RECORD_MAGIC);
  for (let at = bytes.indexOf(magic, from); at >= 0; at = bytes.indexOf(magic, at + 1)) {
    const header = readHeader(bytes, at);
    if (typeof header === "string") continue;
    const end = at + recordBytes(header.payloadLength);
    if (end > bytes.length || bytes.readUInt32LE(end - 4) !== RECORD_END_MARK) continue;
    budget.bytesLeft -= end - at;
    if (budget.bytesLeft < 0) return at;
    if (checkTrailer(bytes.subarray(at), header) === undefined) return at;
  }
  return -1;
}

function lastByte(bytes: Buffer): number {
  let end = bytes.length;
  while (end >= SECTOR_BYTES && isZero(bytes, end - SECTOR_BYTES, end)) end -= SECTOR_BYTES;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return end - 1;
}

function damage(offset: number, what: string): TailVerdict {
  return { kind: "damaged", offset, what };
}
