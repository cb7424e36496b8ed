/**
 * Several entries of a listpack at once, by their indexes.
 */
import { type Bytes, canonicalBytes } from "../base/bytes.ts";
import {
  bytesOf,
  countOf,
  encodeValue,
  endAt,
  FIRST_AT,
  isEnd,
  type Listpack,
  nextAt,
  packed,
  seek,
  splice,
  valueAt,
} from "./listpack.ts";

/** More than these are not taken out one by one. */
const SPLICED_MAX = 4;
/** So many are cut out of one string: a call out of JavaScript for each takes longer. */
const CUT_COUNT_MIN = 8;
const NONE: readonly number[] = [];
/** The value that is looked for; longer ones are not looked for in a listpack. */
const SOUGHT_BYTES_MAX = 16 * 1024;
const sought = Buffer.allocUnsafeSlow(SOUGHT_BYTES_MAX + 16);

/**
 * Adds `count` values from index `start` on to `into`, to be shown and not kept: they may be cut
 * out of one string by reference.
 */
export function addValues(pack: Listpack, start: number, count: number, into: Bytes[]): void {
  if (count === 0) return;
  const first = seek(pack, start);
  const bytes = bytesOf(pack);
  if (count < CUT_COUNT_MIN) {
    for (let at = first, left = count; left > 0; left -= 1, at = nextAt(bytes, at)) {
      into.push(canonicalBytes(valueAt(bytes, at)));
    }
    return;
  }
  const text = typeof pack === "string" ? pack : bytes.latin1Slice(0, endAt(bytes));
  for (let at = first, left = count; left > 0; left -= 1) {
    const next = nextAt(bytes, at);
    const head = bytes[at];
    // Up to 63 bytes: the entry is that byte, the text, and a byte back.
    const isShortText = head >= 0x80 && head < 0xc0;
    into.push(isShortText ? text.slice(at + 1, next - 1) : canonicalBytes(valueAt(bytes, at)));
    at = next;
  }
}

/** Where `count` entries from `at` on end. */
export function endOfRun(bytes: Buffer, at: number, count: number): number {
  let end = at;
  for (let left = count; left > 0; left -= 1) end = nextAt(bytes, end);
  return end;
}

/** The indexes of the entries that equal the value, ascending. */
export function indexesOf(pack: Listpack, value: Bytes): readonly number[] {
  if (value.length > SOUGHT_BYTES_MAX) return NONE;
  const size = encodeValue(sought, 0, value);
  const bytes = bytesOf(pack);
  const first = sought[0];
  let found: number[] | undefined;
  let index = 0;
  for (let at = FIRST_AT; !isEnd(bytes, at); at = nextAt(bytes, at)) {
    if (bytes[at] === first && isSame(bytes, at, size)) {
      found ??= [];
      found.push(index);
    }
    index += 1;
  }
  return found ?? NONE;
}

/** Without the entries at these indexes, which ascend. */
export function without(pack: Listpack, indexes: readonly number[]): Listpack {
  if (indexes.length <= SPLICED_MAX) {
    let rest = pack;
    for (let at = indexes.length - 1; at >= 0; at -= 1) {
      rest = splice(rest, seek(rest, indexes[at]), 1, []);
    }
    return rest;
  }
  const kept: Bytes[] = [];
  const count = countOf(pack);
  let from = 0;
  for (const index of indexes) {
    addValues(pack, from, index - from, kept);
    from = index + 1;
  }
  addValues(pack, from, count - from, kept);
  return packed(kept);
}

function isSame(bytes: Buffer, at: number, size: number): boolean {
  for (let index = 1; index < size; index += 1) {
    if (bytes[at + index] !== sought[index]) return false;
  }
  return true;
}
