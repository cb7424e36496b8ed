/**
 * Many short values in one piece of memory: Redis's listpack (its `listpack.h`, version 7), byte
 * for byte, so that it is what RDB holds too.
 *
 *   u32 bytes in all, u16 count (65535: count them), entries, 0xff
 *   entry = encoding and content, then its size backwards in sevens, so that a walk can turn round
 * A short one rests as a string, which costs 16 bytes besides, a longer one as a Buffer with some
 * room. `splice` is the only mutator and may change a Buffer in place; it gives what to keep.
 * What `bytesOf` gives is good until the next call of anything here.
 */
import { assert } from "../base/assert.ts";
import { type Bytes, toBinaryString } from "../base/bytes.ts";

export type Listpack = string | Buffer;

export const FIRST_AT = 6;
export const EMPTY_LISTPACK: Listpack = "\x07\x00\x00\x00\x00\x00\xff";
/** In all; what outgrows it belongs into another structure. */
export const LISTPACK_BYTES_MAX = 128 * 1024;
const END = 0xff;
/** In the head, for as many elements as it has no room to count, and more. */
export const COUNT_UNKNOWN = 0xffff;
/** At rest a Buffer costs some 200 bytes more than a string; copying a string costs time. */
const STRING_BYTES_MAX = 2048;
const DIGITS_MAX = 20;

/** A Buffer's spare room, in sixteenths of its content. */
const SPARE_SIXTEENTHS = 2;

const scratch = Buffer.allocUnsafeSlow(STRING_BYTES_MAX);
/** The string that `scratch` is a copy of: one is often read and then changed. */
let copied = "";
const encoded = Buffer.allocUnsafeSlow(LISTPACK_BYTES_MAX + 16);
const target = Buffer.allocUnsafeSlow(LISTPACK_BYTES_MAX + 16);

/** The memory to read: a string's is a copy that the next call overwrites. */
export function bytesOf(pack: Listpack): Buffer {
  if (typeof pack !== "string") return pack;
  if (pack !== copied) {
    scratch.latin1Write(pack, 0, pack.length);
    copied = pack;
  }
  return scratch;
}

/** The string again, after what `bytesOf` gave for it was changed where it is. */
export function stringAgain(): string {
  copied = scratch.latin1Slice(0, scratch.readUInt32LE(0));
  return copied;
}

export function byteCountOf(pack: Listpack): number {
  if (typeof pack === "string") return pack.length;
  return pack.readUInt32LE(0);
}

/** What it takes at rest, without V8's own. */
export function heldBytesOf(pack: Listpack): number {
  return pack.length;
}

export function countOf(pack: Listpack): number {
  const count =
    typeof pack === "string"
      ? pack.charCodeAt(4) | (pack.charCodeAt(5) << 8)
      : pack[4] | (pack[5] << 8);
  if (count !== COUNT_UNKNOWN) return count;
  const bytes = bytesOf(pack);
  let counted = 0;
  for (let at = FIRST_AT; bytes[at] !== END; at = nextAt(bytes, at)) counted += 1;
  return counted;
}

export function isEnd(bytes: Buffer, at: number): boolean {
  return bytes[at] === END;
}

/** Where the terminator is: an insertion there appends. */
export function endAt(bytes: Buffer): number {
  return bytes.readUInt32LE(0) - 1;
}

export function nextAt(bytes: Buffer, at: number): number {
  const first = bytes[at];
  if (first < 0xc0) {
    // A small integer, or up to 63 bytes: by far the most.
    return first < 0x80 ? at + 2 : at + 2 + (first & 0x3f);
  }
  const size = contentBytes(bytes, at);
  return at + size + backBytes(size);
}

/** From the entry after it, or from the end; -1 before the first. */
export function previousAt(bytes: Buffer, at: number): number {
  if (at <= FIRST_AT) return -1;
  let place = at - 1;
  let size = bytes[place] & 127;
  for (let shift = 7; (bytes[place] & 128) !== 0; shift += 7) {
    place -= 1;
    size |= (bytes[place] & 127) << shift;
  }
  return place - size;
}

/** The entry at an index from the left, or, below 0, from the right; -1 where there is none. */
export function seek(pack: Listpack, index: number): number {
  const count = countOf(pack);
  const bytes = bytesOf(pack);
  const fromLeft = index < 0 ? index + count : index;
  if (fromLeft < 0 || fromLeft >= count) return -1;
  if (fromLeft < count / 2) {
    let at = FIRST_AT;
    for (let left = fromLeft; left > 0; left -= 1) at = nextAt(bytes, at);
    return at;
  }
  let at = endAt(bytes);
  for (let left = count - fromLeft; left > 0; left -= 1) at = previousAt(bytes, at);
  return at;
}

/** The value as a binary string. */
export function valueAt(bytes: Buffer, at: number): string {
  const first = bytes[at];
  if (first < 0x80) return String(first);
  if (first < 0xc0) return bytes.latin1Slice(at + 1, at + 1 + (first & 0x3f));
  if (first >= 0xe0 && first < 0xf1) {
    const head = first === 0xf0 ? 5 : 2;
    return bytes.latin1Slice(at + head, at + contentBytes(bytes, at));
  }
  if (first === 0xf4) return String(bytes.readBigInt64LE(at + 1));
  return String(smallInteger(bytes, at));
}

/** The value if it is held as an integer that a number holds exactly. */
export function integerAt(bytes: Buffer, at: number): number | undefined {
  const first = bytes[at];
  if (first < 0x80) return first;
  if (first < 0xc0 || (first >= 0xe0 && first < 0xf1)) return undefined;
  if (first !== 0xf4) return smallInteger(bytes, at);
  const value = Number(bytes.readBigInt64LE(at + 1));
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Bytes of the value as text, without making it. */
export function valueBytesAt(bytes: Buffer, at: number): number {
  const first = bytes[at];
  if (first >= 0x80 && first < 0xc0) return first & 0x3f;
  if (first >= 0xe0 && first < 0xf0) return ((first & 0xf) << 8) | bytes[at + 1];
  if (first === 0xf0) return bytes.readUInt32LE(at + 1);
  return valueAt(bytes, at).length;
}

/** The first entry from `at` on that equals, looking at every `stride`th; -1 for none. */
export function findFrom(bytes: Buffer, at: number, value: Bytes, stride: number): number {
  const size = encodeValue(encoded, 0, value);
  let place = at;
  while (bytes[place] !== END) {
    if (bytes[place] === encoded[0] && isSame(bytes, place, size)) return place;
    for (let step = 0; step < stride; step += 1) place = nextAt(bytes, place);
  }
  return -1;
}

/** Whether one more value of so many bytes may go in. */
export function hasRoomFor(pack: Listpack, valueBytes: number): boolean {
  return byteCountOf(pack) + valueBytes + 10 <= LISTPACK_BYTES_MAX;
}

/** Takes `count` entries out at `at` and puts these there; what to keep instead of `pack`. */
export function splice(
  pack: Listpack,
  at: number,
  count: number,
  values: readonly Bytes[],
): Listpack {
  let size = 0;
  for (let index = 0; index < values.length; index += 1) {
    const content = encodeValue(encoded, size, values[index]);
    size += content + writeBack(encoded, size + content, content);
    assert(size <= LISTPACK_BYTES_MAX, "what goes into a listpack fits");
  }
  const newCount = Math.min(countOf(pack) - count + values.length, COUNT_UNKNOWN);
  const bytes = bytesOf(pack);
  let removedEnd = at;
  for (let left = count; left > 0; left -= 1) removedEnd = nextAt(bytes, removedEnd);
  const byteCount = bytes.readUInt32LE(0);
  const total = byteCount - (removedEnd - at) + size;
  assert(total <= LISTPACK_BYTES_MAX, "a listpack stays within its limit");
  const isInPlace = typeof pack !== "string" && total > STRING_BYTES_MAX && fits(pack, total);
  const into = isInPlace ? pack : target;
  if (!isInPlace) bytes.copy(into, 0, 0, at);
  bytes.copy(into, at + size, removedEnd, byteCount);
  encoded.copy(into, at, 0, size);
  into.writeUInt32LE(total, 0);
  into.writeUInt16LE(newCount, 4);
  return isInPlace ? into : atRest(into, total);
}

/** From nothing. */
export function packed(values: readonly Bytes[]): Listpack {
  return splice(EMPTY_LISTPACK, FIRST_AT, 0, values);
}

export function* valuesOf(pack: Listpack): IterableIterator<string> {
  // Whoever takes a value may call anything here before the next.
  const bytes = typeof pack === "string" ? Buffer.from(pack, "latin1") : pack;
  for (let at = FIRST_AT; bytes[at] !== END; at = nextAt(bytes, at)) yield valueAt(bytes, at);
}

/** What an entry takes: its encoding, its content and the way back. */
export function entryBytes(value: Bytes): number {
  const content = encodeLength(value);
  return content + backBytes(content);
}

/** Writes a value's entry at `at`, where there is room for it; where the next one begins. */
export function writeEntry(into: Buffer, at: number, value: Bytes): number {
  const content = encodeValue(into, at, value);
  return at + content + writeBack(into, at + content, content);
}

/** The same of a safe integer. */
export function writeInteger(into: Buffer, at: number, value: number): number {
  const content = encodeInteger(into, at, value);
  return at + content + writeBack(into, at + content, content);
}

function fits(pack: Buffer, total: number): boolean {
  return total <= pack.length && total * 2 >= pack.length;
}

function atRest(bytes: Buffer, total: number): Listpack {
  if (total <= STRING_BYTES_MAX) return bytes.latin1Slice(0, total);
  const room = total + ((total * SPARE_SIXTEENTHS) >>> 4);
  const kept = Buffer.allocUnsafeSlow(room);
  bytes.copy(kept, 0, 0, total);
  return kept;
}

function isSame(bytes: Buffer, at: number, size: number): boolean {
  for (let index = 1; index < size; index += 1) {
    if (bytes[at + index] !== encoded[index]) return false;
  }
  return true;
}

function smallInteger(bytes: Buffer, at: number): number {
  const first = bytes[at];
  if (first < 0xe0) return ((((first & 0x1f) << 8) | bytes[at + 1]) << 19) >> 19;
  if (first === 0xf1) return bytes.readInt16LE(at + 1);
  return first === 0xf2 ? bytes.readIntLE(at + 1, 3) : bytes.readInt32LE(at + 1);
}

/** Of encoding and content. */
function contentBytes(bytes: Buffer, at: number): number {
  const first = bytes[at];
  if (first < 0x80) return 1;
  if (first < 0xc0) return 1 + (first & 0x3f);
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 2 + (((first & 0xf) << 8) | bytes[at + 1]);
  if (first === 0xf0) return 5 + bytes.readUInt32LE(at + 1);
  return first === 0xf1 ? 3 : first === 0xf2 ? 4 : first === 0xf3 ? 5 : 9;
}

/** At 16383 and 2097151 one more than needed: Redis counts so, and its bytes are the format. */
function backBytes(size: number): number {
  if (size < 128) return 1;
  return size < 16383 ? 2 : size < 2097151 ? 3 : size < 268435455 ? 4 : 5;
}

/** Sevens of bits, the last byte the lowest; all but the first say that more stands before. */
export function writeBack(into: Buffer, at: number, size: number): number {
  const byteCount = backBytes(size);
  for (let index = byteCount - 1, left = size; index >= 0; index -= 1, left >>>= 7) {
    into[at + index] = (left & 127) | (index === 0 ? 0 : 128);
  }
  return byteCount;
}

function encodeLength(value: Bytes): number {
  const integer = integerOf(value);
  if (typeof integer === "number") return integerBytes(integer);
  if (integer !== undefined) return 9;
  return value.length + (value.length < 64 ? 1 : value.length < 4096 ? 2 : 5);
}

/** Encoding and content at `at`; how many bytes. */
export function encodeValue(into: Buffer, at: number, value: Bytes): number {
  const integer = integerOf(value);
  if (typeof integer === "number") return encodeInteger(into, at, integer);
  if (integer !== undefined) {
    into[at] = 0xf4;
    into.writeBigInt64LE(integer, at + 1);
    return 9;
  }
  const { length } = value;
  assert(at + length + 16 <= into.length, "what goes into a listpack fits");
  let head = 1;
  if (length < 64) into[at] = 0x80 | length;
  else if (length < 4096) {
    into[at] = 0xe0 | (length >>> 8);
    into[at + 1] = length & 255;
    head = 2;
  } else {
    into[at] = 0xf0;
    into.writeUInt32LE(length, at + 1);
    head = 5;
  }
  if (typeof value === "string") into.latin1Write(value, at + head, length);
  else value.copy(into, at + head);
  return head + length;
}

function integerBytes(value: number): number {
  if (value >= 0 && value < 128) return 1;
  if (value >= -4096 && value < 4096) return 2;
  if (value >= -32768 && value < 32768) return 3;
  if (value >= -8388608 && value < 8388608) return 4;
  return value === (value | 0) ? 5 : 9;
}

function encodeInteger(into: Buffer, at: number, value: number): number {
  const byteCount = integerBytes(value);
  if (byteCount === 1) into[at] = value;
  else if (byteCount === 2) {
    into[at] = 0xc0 | ((value >> 8) & 0x1f);
    into[at + 1] = value & 255;
  } else {
    into[at] = byteCount === 9 ? 0xf4 : 0xf1 + byteCount - 3;
    if (byteCount === 9) into.writeBigInt64LE(BigInt(value), at + 1);
    else into.writeIntLE(value, at + 1, byteCount - 1);
  }
  return byteCount;
}

/** The value if it is the one way to write an integer of 64 bits. */
function integerOf(value: Bytes): number | bigint | undefined {
  const { length } = value;
  if (length === 0 || length > DIGITS_MAX) return undefined;
  const text = typeof value === "string" ? value : toBinaryString(value);
  const first = text.charCodeAt(0);
  const digitsAt = first === 0x2d ? 1 : 0;
  const leading = text.charCodeAt(digitsAt);
  if (leading === 0x30) return length === 1 ? 0 : undefined;
  let number = 0;
  for (let index = digitsAt; index < length; index += 1) {
    const digit = text.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  if (digitsAt === length) return undefined;
  if (number <= Number.MAX_SAFE_INTEGER) return digitsAt === 0 ? number : -number;
  const exact = BigInt(text);
  return BigInt.asIntN(64, exact) === exact ? exact : undefined;
}
