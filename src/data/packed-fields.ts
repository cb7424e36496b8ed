/**
 * Names and short values in one piece of memory, for the many small maps that there are: a Map of
 * one entry takes 184 bytes before its strings, and each string 16 and more (Redis's listpack is
 * the model).
 *
 *   entry = byte with the name's length, the name, and the same for the value
 * A value that is long, or no string, is elsewhere: then its length says so and nothing follows.
 * Whoever keeps the pack keeps what is elsewhere too, in the order of its entries.
 * A short pack is a string; a longer one a Buffer with some room, where u32 end and u32 count of
 * entries stand before the first. `splice` is the only mutator and may change a Buffer in place;
 * it gives what to keep.
 */

import { writeBinaryString } from "../base/bytes.ts";

export type Packed = string | Buffer;

/** A string to start with; copying it for each change costs more than it saves beyond. */
export const PACKED_STRING_BYTES_MAX = 1024;
/** Beyond either looking through costs more than it saves. */
export const PACKED_BYTES_MAX = 32 * 1024;
export const PACKED_COUNT_MAX = 512;
/** Of a name or a value. */
export const PACKED_PART_BYTES_MAX = 254;
const ELSEWHERE = 255;
const COUNT_AT = 4;
const HEAD_BYTES = 8;
/** A Buffer's spare room, in eighths of its content. */
const SPARE_EIGHTHS = 1;
/** Below it V8 copies. */
const SLICE_CHARACTERS_MIN = 13;

const scratch = Buffer.allocUnsafeSlow(PACKED_STRING_BYTES_MAX);

export function startOf(packed: Packed): number {
  return typeof packed === "string" ? 0 : HEAD_BYTES;
}

/** Where the last entry ends: an insertion there appends. */
export function endOf(packed: Packed): number {
  return typeof packed === "string" ? packed.length : packed.readUInt32LE(0);
}

/** Where the entry's value begins, with its length; -1 if there is none of that name. */
export function findPacked(packed: Packed, name: string): number {
  return typeof packed === "string" ? findInString(packed, name) : findInBuffer(packed, name);
}

export function packedCount(packed: Packed): number {
  if (typeof packed !== "string") return packed.readUInt32LE(COUNT_AT);
  let count = 0;
  for (let at = 0; at < packed.length; count += 1) {
    at = valueEnd(packed, at + 1 + packed.charCodeAt(at));
  }
  return count;
}

export function isElsewhere(packed: Packed, valueAt: number): boolean {
  return byteAt(packed, valueAt) === ELSEWHERE;
}

/** How many values of entries before this one are elsewhere. */
export function elsewhereBefore(packed: Packed, valueAt: number): number {
  let count = 0;
  for (let at = startOf(packed); at < valueAt; ) {
    const value = at + 1 + byteAt(packed, at);
    if (value < valueAt && isElsewhere(packed, value)) count += 1;
    at = valueEnd(packed, value);
  }
  return count;
}

/** A string of its own. */
export function valueFrom(packed: Packed, valueAt: number): string {
  const end = valueEnd(packed, valueAt);
  if (typeof packed !== "string") return packed.latin1Slice(valueAt + 1, end);
  return unsliced(packed.slice(valueAt + 1, end));
}

/** Every entry in order, strings of their own; undefined for a value that is elsewhere. */
export function visitPacked(
  packed: Packed,
  visit: (name: string, value: string | undefined) => void,
): void {
  const end = endOf(packed);
  for (let at = startOf(packed); at < end; ) {
    const valueAt = at + 1 + byteAt(packed, at);
    const value = isElsewhere(packed, valueAt) ? undefined : valueFrom(packed, valueAt);
    const name =
      typeof packed === "string"
        ? unsliced(packed.slice(at + 1, valueAt))
        : packed.latin1Slice(at + 1, valueAt);
    visit(name, value);
    at = valueEnd(packed, valueAt);
  }
}

/**
 * Name, value, name, value, to be shown and not kept: they are cut out of one string by reference.
 * `elsewhere` gives the values that are elsewhere, in order.
 */
export function packedPairs<Value>(
  packed: Packed,
  elsewhere: (index: number) => Value,
): (string | Value)[] {
  const text =
    typeof packed === "string" ? packed : packed.latin1Slice(HEAD_BYTES, packed.readUInt32LE(0));
  const pairs: (string | Value)[] = [];
  let elsewhereCount = 0;
  for (let at = 0; at < text.length; ) {
    const valueAt = at + 1 + text.charCodeAt(at);
    const valueBytes = text.charCodeAt(valueAt);
    pairs.push(text.slice(at + 1, valueAt));
    at = valueAt + 1;
    if (valueBytes === ELSEWHERE) {
      pairs.push(elsewhere(elsewhereCount));
      elsewhereCount += 1;
    } else {
      pairs.push(text.slice(at, at + valueBytes));
      at += valueBytes;
    }
  }
  return pairs;
}

/** One entry; undefined puts the value elsewhere. */
export function packedEntry(name: string, value: string | undefined): string {
  return String.fromCharCode(name.length) + name + packedPart(value);
}

/** From nothing. `entries` is what `packedEntry` gave, one behind another. */
export function packedFrom(entries: string, count: number): Packed {
  if (entries.length <= PACKED_STRING_BYTES_MAX) return flattened(entries);
  const bytes = Buffer.allocUnsafeSlow(roomFor(HEAD_BYTES + entries.length));
  bytes.writeUInt32LE(HEAD_BYTES + entries.length, 0);
  bytes.writeUInt32LE(count, COUNT_AT);
  bytes.latin1Write(entries, HEAD_BYTES, entries.length);
  return bytes;
}

/** With the entry behind all others; what to keep. */
export function withEntry(packed: Packed, entry: string): Packed {
  return splice(packed, endOf(packed), 0, entry, 1);
}

export function withValue(packed: Packed, valueAt: number, value: string | undefined): Packed {
  return splice(packed, valueAt, valueEnd(packed, valueAt) - valueAt, packedPart(value), 0);
}

export function withoutEntry(packed: Packed, name: string, valueAt: number): Packed {
  const at = valueAt - name.length - 1;
  return splice(packed, at, valueEnd(packed, valueAt) - at, "", -1);
}

/** How many bytes it would have with the value replaced. */
export function bytesWithValue(packed: Packed, valueAt: number, value: string | undefined): number {
  const before = valueEnd(packed, valueAt) - valueAt;
  return endOf(packed) - before + 1 + (value === undefined ? 0 : value.length);
}

/** In one piece: V8 joins and cuts longer strings by reference and keeps what they refer to. */
function flattened(text: string): string {
  scratch.latin1Write(text, 0, text.length);
  return scratch.latin1Slice(0, text.length);
}

function unsliced(part: string): string {
  return part.length < SLICE_CHARACTERS_MIN ? part : flattened(part);
}

/** Takes bytes out at `at` and puts these there. */
function splice(
  packed: Packed,
  at: number,
  removedBytes: number,
  added: string,
  countChange: number,
): Packed {
  if (typeof packed === "string") {
    const text = packed.slice(0, at) + added + packed.slice(at + removedBytes);
    const isShort = text.length <= PACKED_STRING_BYTES_MAX;
    return isShort ? flattened(text) : packedFrom(text, packedCount(packed) + countChange);
  }
  const end = endOf(packed);
  const newEnd = end - removedBytes + added.length;
  if (newEnd === end && countChange === 0) {
    writeBinaryString(packed, added, at);
    return packed;
  }
  const into = fits(packed, newEnd) ? packed : Buffer.allocUnsafeSlow(roomFor(newEnd));
  if (into !== packed) packed.copy(into, 0, 0, at);
  if (into !== packed || added.length !== removedBytes) {
    packed.copy(into, at + added.length, at + removedBytes, end);
  }
  writeBinaryString(into, added, at);
  into.writeUInt32LE(newEnd, 0);
  into.writeUInt32LE(packedCount(packed) + countChange, COUNT_AT);
  return into;
}

function fits(bytes: Buffer, end: number): boolean {
  return end <= bytes.length && (end * 2 >= bytes.length || bytes.length <= HEAD_BYTES * 8);
}

function roomFor(end: number): number {
  return end + ((end * SPARE_EIGHTHS) >>> 3);
}

function packedPart(value: string | undefined): string {
  if (value === undefined) return String.fromCharCode(ELSEWHERE);
  return String.fromCharCode(value.length) + value;
}

function byteAt(packed: Packed, at: number): number {
  return typeof packed === "string" ? packed.charCodeAt(at) : packed[at];
}

function valueEnd(packed: Packed, valueAt: number): number {
  const byteCount = byteAt(packed, valueAt);
  return valueAt + 1 + (byteCount === ELSEWHERE ? 0 : byteCount);
}

/**
 * Twice the same, since this is what every read and write of a field does first. Names of one hash
 * mostly differ at their end.
 */
function findInString(packed: string, name: string): number {
  const nameBytes = name.length;
  const last = nameBytes === 0 ? 0 : name.charCodeAt(nameBytes - 1);
  for (let at = 0; at < packed.length; ) {
    const byteCount = packed.charCodeAt(at);
    const valueAt = at + 1 + byteCount;
    if (byteCount === nameBytes && packed.charCodeAt(valueAt - 1) === last) {
      let index = 0;
      while (index < nameBytes && packed.charCodeAt(at + 1 + index) === name.charCodeAt(index)) {
        index += 1;
      }
      if (index === nameBytes) return valueAt;
    }
    const valueBytes = packed.charCodeAt(valueAt);
    at = valueAt + 1 + (valueBytes === ELSEWHERE ? 0 : valueBytes);
  }
  return -1;
}

function findInBuffer(packed: Buffer, name: string): number {
  const nameBytes = name.length;
  const last = nameBytes === 0 ? 0 : name.charCodeAt(nameBytes - 1);
  const end = packed.readUInt32LE(0);
  for (let at = HEAD_BYTES; at < end; ) {
    const byteCount = packed[at];
    const valueAt = at + 1 + byteCount;
    if (byteCount === nameBytes && packed[valueAt - 1] === last) {
      let index = 0;
      while (index < nameBytes && packed[at + 1 + index] === name.charCodeAt(index)) index += 1;
      if (index === nameBytes) return valueAt;
    }
    const valueBytes = packed[valueAt];
    at = valueAt + 1 + (valueBytes === ELSEWHERE ? 0 : valueBytes);
  }
  return -1;
}
