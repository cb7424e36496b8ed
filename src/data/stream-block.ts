/**
 * A block of a stream: entries that follow each other, in one listpack that is Redis's byte for
 * byte, so that its limits on a node mean the same here.
 *
 *   live entries, deleted entries, fields of the first entry: count and names, 0
 *   entry = flags, ms and sequence less the block's id, [count,] [name,] value …, pieces before
 * An entry with the first one's fields does not store them again. One that was deleted is marked
 * and stays; the block goes as a whole. `pack` rests as a string while it is short, then as a
 * Buffer with some room that is changed in place: what is read from it is copied.
 */

import { type Bytes, toBinaryString, toBuffer } from "../base/bytes.ts";
import {
  COUNT_UNKNOWN,
  FIRST_AT,
  integerAt,
  type Listpack,
  nextAt,
  valueAt,
  writeEntry,
  writeInteger,
} from "./listpack.ts";
import {
  idOfWide,
  msOf,
  type StreamId,
  sequenceOf,
  wideMsOf,
  wideSequenceOf,
} from "./stream-id.ts";

export const DELETED_FLAG = 1;
export const SAME_FIELDS_FLAG = 2;
const END = 0xff;
const HEADER_BYTES = FIRST_AT;
/** At rest a Buffer costs some 200 bytes more than a string; copying a string costs time. */
const STRING_BYTES_MAX = 1024;
const SPARE_BYTES_MAX = 64 * 1024;
const KEPT_BYTES_MAX = 1024 * 1024;
/** Of a number or of what stands around a value. */
const ELEMENT_BYTES_MAX = 16;

export class StreamBlock {
  /** Of the first entry ever added; the others' are differences from it. */
  readonly id: StreamId;
  pack: Listpack;
  /** Of the pack; kept beside it, since a trim looks at many blocks and into none. */
  byteCount: number;
  liveCount: number;

  constructor(id: StreamId, pack: Listpack, byteCount: number, liveCount: number) {
    this.id = id;
    this.pack = pack;
    this.byteCount = byteCount;
    this.liveCount = liveCount;
  }

  /** Marked, and still there. */
  get deletedCount(): number {
    const bytes = blockBytes(this);
    return numberAt(bytes, nextAt(bytes, FIRST_AT));
  }
}

let work = Buffer.allocUnsafeSlow(8192);
let piece = Buffer.allocUnsafeSlow(8192);

/** The bytes to read; a copy where they rest as a string. */
export function blockBytes(block: StreamBlock): Buffer {
  const { pack } = block;
  return typeof pack === "string" ? Buffer.from(pack, "latin1") : pack;
}

/** With one entry; `pairs` is flat: field, value. */
export function newBlock(id: StreamId, pairs: readonly Bytes[]): StreamBlock {
  const bytes = grown(HEADER_BYTES + sizeBound(pairs) * 2);
  let at = writeInteger(bytes, HEADER_BYTES, 0);
  at = writeInteger(bytes, at, 0);
  at = writeInteger(bytes, at, pairs.length >>> 1);
  for (let index = 0; index < pairs.length; index += 2) at = writeEntry(bytes, at, pairs[index]);
  at = writeInteger(bytes, at, 0);
  bytes[at] = END;
  bytes.writeUInt32LE(at + 1, 0);
  bytes.writeUInt16LE(Math.min(4 + (pairs.length >>> 1), COUNT_UNKNOWN), 4);
  const block = new StreamBlock(id, atRest(bytes, at + 1), at + 1, 0);
  appendEntry(block, id, pairs);
  return block;
}

export function appendEntry(block: StreamBlock, id: StreamId, pairs: readonly Bytes[]): void {
  const { pack } = block;
  const source = typeof pack === "string" ? opened(pack, 0) : pack;
  const isSame = hasFieldsOf(source, pairs);
  const size = encodeEntry(block.id, id, pairs, isSame);
  const elements = isSame ? 4 + (pairs.length >>> 1) : 5 + pairs.length;
  const bytes = opened(pack, size + ELEMENT_BYTES_MAX);
  block.liveCount += 1;
  const shift = replaceNumber(bytes, FIRST_AT, block.liveCount);
  const end = bytes.readUInt32LE(0) + shift - 1;
  piece.copy(bytes, end, 0, size);
  bytes[end + size] = END;
  bytes.writeUInt32LE(end + size + 1, 0);
  const count = bytes.readUInt16LE(4);
  bytes.writeUInt16LE(Math.min(count + elements, COUNT_UNKNOWN), 4);
  block.byteCount = end + size + 1;
  block.pack = closed(bytes);
  if (piece.length > KEPT_BYTES_MAX) piece = Buffer.allocUnsafeSlow(KEPT_BYTES_MAX);
}

/** Marks the entries that begin at these places, none of which is marked. */
export function markDeleted(block: StreamBlock, places: readonly number[]): void {
  const bytes = opened(block.pack, ELEMENT_BYTES_MAX);
  for (const place of places) bytes[place] |= DELETED_FLAG;
  let total = bytes.readUInt32LE(0);
  block.liveCount -= places.length;
  total += replaceNumber(bytes, FIRST_AT, block.liveCount);
  bytes.writeUInt32LE(total, 0);
  const deletedAt = nextAt(bytes, FIRST_AT);
  total += replaceNumber(bytes, deletedAt, numberAt(bytes, deletedAt) + places.length);
  bytes.writeUInt32LE(total, 0);
  block.byteCount = total;
  block.pack = closed(bytes);
}

/** Gives back the room for more. */
export function sealBlock(block: StreamBlock): void {
  const { pack, byteCount } = block;
  if (typeof pack === "string" || pack.length === byteCount) return;
  block.pack = copyOf(pack, byteCount, 0);
}

/** The bytes in a form that nobody will change. */
export function frozenPack(block: StreamBlock): Bytes {
  const { pack } = block;
  return typeof pack === "string" ? pack : copyOf(pack, block.byteCount, 0);
}

/** From what `frozenPack` gave; it stays as it is. */
export function blockOf(id: StreamId, pack: Bytes): StreamBlock {
  const rested = typeof pack === "string" ? pack : atRest(pack, pack.length);
  const liveCount = numberAt(toBuffer(pack), FIRST_AT);
  return new StreamBlock(id, rested, pack.length, liveCount);
}

export function numberAt(bytes: Buffer, at: number): number {
  // Whatever wrote the block wrote a number here; a place that is off would be seen at once.
  return integerAt(bytes, at) ?? -1;
}

/** The id of an entry whose halves cannot be plain numbers. */
export function wideId(base: StreamId, bytes: Buffer, msAt: number, sequenceAt: number): StreamId {
  const ms = wideMsOf(base) + BigInt(valueAt(bytes, msAt));
  return idOfWide(ms, wideSequenceOf(base) + BigInt(valueAt(bytes, sequenceAt)));
}

function encodeEntry(
  base: StreamId,
  id: StreamId,
  pairs: readonly Bytes[],
  isSame: boolean,
): number {
  const bound = sizeBound(pairs);
  if (piece.length < bound) piece = Buffer.allocUnsafeSlow(bound);
  const fieldCount = pairs.length >>> 1;
  let at = writeInteger(piece, 0, isSame ? SAME_FIELDS_FLAG : 0);
  at = writeDifferences(at, base, id);
  if (!isSame) at = writeInteger(piece, at, fieldCount);
  for (let index = 0; index < pairs.length; index += 2) {
    if (!isSame) at = writeEntry(piece, at, pairs[index]);
    at = writeEntry(piece, at, pairs[index + 1]);
  }
  return writeInteger(piece, at, isSame ? 3 + fieldCount : 4 + pairs.length);
}

function writeDifferences(at: number, base: StreamId, id: StreamId): number {
  const ms = msOf(id);
  const sequence = sequenceOf(id);
  const baseSequence = sequenceOf(base);
  const isSafe = Math.max(ms, sequence, baseSequence) <= Number.MAX_SAFE_INTEGER;
  if (isSafe) {
    return writeInteger(piece, writeInteger(piece, at, ms - msOf(base)), sequence - baseSequence);
  }
  const msDifference = BigInt.asIntN(64, wideMsOf(id) - wideMsOf(base));
  const difference = BigInt.asIntN(64, wideSequenceOf(id) - wideSequenceOf(base));
  return writeEntry(piece, writeEntry(piece, at, String(msDifference)), String(difference));
}

function hasFieldsOf(bytes: Buffer, pairs: readonly Bytes[]): boolean {
  const countAt = nextAt(bytes, nextAt(bytes, FIRST_AT));
  if (numberAt(bytes, countAt) !== pairs.length >>> 1) return false;
  let at = nextAt(bytes, countAt);
  for (let index = 0; index < pairs.length; index += 2) {
    if (!isValueAt(bytes, at, pairs[index])) return false;
    at = nextAt(bytes, at);
  }
  return true;
}

function isValueAt(bytes: Buffer, at: number, value: Bytes): boolean {
  const first = bytes[at];
  if (typeof value !== "string" || first < 0x80 || first >= 0xc0) {
    return valueAt(bytes, at) === toBinaryString(value);
  }
  const { length } = value;
  if ((first & 0x3f) !== length) return false;
  for (let index = 0; index < length; index += 1) {
    if (bytes[at + 1 + index] !== value.charCodeAt(index)) return false;
  }
  return true;
}

/** Of an entry with these pairs, whatever their encoding. */
function sizeBound(pairs: readonly Bytes[]): number {
  let bound = ELEMENT_BYTES_MAX * (pairs.length + 8);
  for (let index = 0; index < pairs.length; index += 1) bound += pairs[index].length;
  return bound;
}

/** Another number in place of the one at `at`; by how many bytes what follows has moved. */
function replaceNumber(bytes: Buffer, at: number, value: number): number {
  const before = nextAt(bytes, at);
  const total = bytes.readUInt32LE(0);
  const after = writeInteger(scratch, 0, value);
  if (at + after !== before) bytes.copyWithin(at + after, before, total);
  scratch.copy(bytes, at, 0, after);
  return at + after - before;
}

const scratch = Buffer.allocUnsafeSlow(ELEMENT_BYTES_MAX);

/** The bytes with that much room behind them: those at rest, or a copy. */
function opened(pack: Listpack, room: number): Buffer {
  if (typeof pack === "string") {
    const bytes = grown(pack.length + room);
    bytes.latin1Write(pack, 0, pack.length);
    return bytes;
  }
  const total = pack.readUInt32LE(0);
  return pack.length >= total + room ? pack : copyOf(pack, total, room);
}

function closed(bytes: Buffer): Listpack {
  return bytes === work ? atRest(bytes, bytes.readUInt32LE(0)) : bytes;
}

function atRest(bytes: Buffer, total: number): Listpack {
  const rested = total <= STRING_BYTES_MAX ? bytes.latin1Slice(0, total) : copyOf(bytes, total, 0);
  if (work.length > KEPT_BYTES_MAX) work = Buffer.allocUnsafeSlow(KEPT_BYTES_MAX);
  return rested;
}

/** With `room` wanted now there is some for later too. */
function copyOf(bytes: Buffer, total: number, room: number): Buffer {
  const needed = total + room;
  const spare = room === 0 ? 0 : Math.min(needed >>> 3, SPARE_BYTES_MAX);
  const copy = Buffer.allocUnsafeSlow(needed + spare);
  bytes.copy(copy, 0, 0, total);
  return copy;
}

function grown(byteCount: number): Buffer {
  if (work.length < byteCount) work = Buffer.allocUnsafeSlow(byteCount * 2);
  return work;
}
