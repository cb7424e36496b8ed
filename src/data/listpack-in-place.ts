/**
 * A listpack in a Buffer that has room left, changed where it is.
 *
 * For the ends of a long list, where one value after the other comes and goes: `splice` would read,
 * assemble and copy each time. Nothing here may be applied to memory that a reader still holds.
 */
import { assert } from "../base/assert.ts";
import type { Bytes } from "../base/bytes.ts";
import {
  byteCountOf,
  bytesOf,
  countOf,
  EMPTY_LISTPACK,
  encodeValue,
  type Listpack,
  nextAt,
  splice,
  stringAgain,
  writeBack,
} from "./listpack.ts";

const END = 0xff;
/** The room that encoding a value asks for besides its content. */
const AROUND_BYTES_MAX = 16;
/** Longer ones go by `splice`. */
const VALUE_BYTES_MAX = 16 * 1024;
/** Longer runs of bytes are copied by a call out of JavaScript. */
const LOOPED_BYTES_MAX = 48;
const STRING_BYTES_MAX = 2048;

const entry = Buffer.allocUnsafeSlow(VALUE_BYTES_MAX + AROUND_BYTES_MAX);

/** The same listpack in a Buffer of its own, of so many bytes. */
export function withRoom(pack: Listpack, roomBytes: number): Buffer {
  const byteCount = byteCountOf(pack);
  assert(byteCount <= roomBytes, "the room holds what it is made for");
  const into = Buffer.allocUnsafeSlow(roomBytes);
  bytesOf(pack).copy(into, 0, 0, byteCount);
  return into;
}

export function emptyWithRoom(roomBytes: number): Buffer {
  return withRoom(EMPTY_LISTPACK, roomBytes);
}

/** Without room left, as it rests: a string where that is smaller. */
export function settled(pack: Listpack): Listpack {
  if (typeof pack === "string") return pack;
  const byteCount = byteCountOf(pack);
  if (byteCount === pack.length) return pack;
  if (byteCount <= STRING_BYTES_MAX) return pack.latin1Slice(0, byteCount);
  return withRoom(pack, byteCount);
}

/** Puts the value at `at`; how many bytes it takes, or 0, and nothing done, without room for it. */
export function insertIn(pack: Buffer, at: number, value: Bytes): number {
  if (value.length > VALUE_BYTES_MAX) return 0;
  const byteCount = pack[0] | (pack[1] << 8) | (pack[2] << 16) | (pack[3] << 24);
  let size: number;
  if (at === byteCount - 1 && byteCount + value.length + AROUND_BYTES_MAX <= pack.length) {
    size = encodeValue(pack, at, value);
    size += writeBack(pack, at + size, size);
    pack[at + size] = END;
  } else {
    size = encodeValue(entry, 0, value);
    size += writeBack(entry, size, size);
    if (byteCount + size > pack.length) return 0;
    pack.copyWithin(at + size, at, byteCount);
    if (size > LOOPED_BYTES_MAX) entry.copy(pack, at, 0, size);
    else for (let index = 0; index < size; index += 1) pack[at + index] = entry[index];
  }
  writeHead(pack, byteCount + size, countOf(pack) + 1);
  return size;
}

/** Takes out the `count` entries that stand from `at` to `end`. */
export function removeIn(pack: Buffer, at: number, end: number, count: number): void {
  const byteCount = byteCountOf(pack);
  pack.copyWithin(at, end, byteCount);
  writeHead(pack, byteCount - (end - at), countOf(pack) - count);
}

/** One more value, in place if there is room; what to keep instead of `pack`. */
export function inserted(pack: Listpack, at: number, value: Bytes): Listpack {
  if (insertIn(bytesOf(pack), at, value) === 0) return splice(pack, at, 0, [value]);
  return typeof pack === "string" ? stringAgain() : pack;
}

/** Without the `count` entries from `at` on; what to keep instead of `pack`. */
export function removed(pack: Listpack, at: number, count: number): Listpack {
  if (typeof pack !== "string") return splice(pack, at, count, []);
  const bytes = bytesOf(pack);
  let end = at;
  for (let left = count; left > 0; left -= 1) end = nextAt(bytes, end);
  removeIn(bytes, at, end, count);
  return stringAgain();
}

function writeHead(pack: Buffer, byteCount: number, count: number): void {
  pack[0] = byteCount & 255;
  pack[1] = (byteCount >>> 8) & 255;
  pack[2] = (byteCount >>> 16) & 255;
  pack[3] = byteCount >>> 24;
  pack[4] = count & 255;
  pack[5] = count >>> 8;
}
