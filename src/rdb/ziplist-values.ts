/**
 * What Redis used before listpacks, still found in files: ziplists and zipmaps.
 *
 *   ziplist = u32 bytes, u32 place of the last entry, u16 count (65535: count them), entries, 0xff
 *   entry = bytes of the entry before (one, or 0xfe and u32), form and content
 *   zipmap = u8 count (above 253: count them), entries, 0xff
 *   entry = length, field, length, u8 spare bytes, value, spare bytes
 */
import type { Bytes } from "../base/bytes.ts";
import { canonicalCopy, type RdbReader } from "./reader.ts";

const END = 0xff;
const LONG = 0xfe;
const HEADER_BYTES = 10;
const COUNT_UNKNOWN = 0xffff;
const ZIPMAP_COUNT_MAX = 253;

export function ziplistValues(reader: RdbReader, list: Buffer): Bytes[] {
  const end = list.length - 1;
  if (end < HEADER_BYTES || list.readUInt32LE(0) !== list.length || list[end] !== END) {
    reader.fail("a ziplist of the wrong size");
  }
  const values: Bytes[] = [];
  let lastAt = HEADER_BYTES;
  let before = 0;
  for (let at = HEADER_BYTES; at < end; ) {
    lastAt = at;
    const isLong = list[at] === LONG;
    const formAt = at + (isLong ? 5 : 1);
    if (formAt >= end || (isLong ? list.readUInt32LE(at + 1) : list[at]) !== before) {
      reader.fail("an entry of a ziplist that does not fit the one before");
    }
    const entry = ziplistEntry(list, formAt, end);
    if (entry === undefined) reader.fail("an entry of a ziplist that does not fit");
    reader.takeElement(entry.value.length);
    values.push(entry.value);
    before = entry.next - at;
    at = entry.next;
  }
  const declared = list.readUInt16LE(8);
  const isCounted = declared === values.length || declared === COUNT_UNKNOWN;
  if (!isCounted || list.readUInt32LE(4) !== lastAt) reader.fail("a ziplist with a wrong header");
  return values;
}

function ziplistEntry(
  list: Buffer,
  at: number,
  end: number,
): { value: Bytes; next: number } | undefined {
  const form = list[at];
  const kind = form >>> 6;
  if (kind === 3) return ziplistInteger(list, at, end);
  const head = kind === 0 ? 1 : kind === 1 ? 2 : 5;
  if (at + head > end) return undefined;
  let byteCount = form & 0x3f;
  if (kind === 1) byteCount = (byteCount << 8) | list[at + 1];
  else if (kind === 2) byteCount = list.readUInt32BE(at + 1);
  const next = at + head + byteCount;
  if (next > end) return undefined;
  return { value: canonicalCopy(list, at + head, next), next };
}

function ziplistInteger(
  list: Buffer,
  at: number,
  end: number,
): { value: Bytes; next: number } | undefined {
  const form = list[at];
  if (form >= 0xf1 && form <= 0xfd) return { value: String(form - 0xf1), next: at + 1 };
  const byteCount = integerBytes.get(form);
  if (byteCount === undefined || at + 1 + byteCount > end) return undefined;
  const value = byteCount === 8 ? list.readBigInt64LE(at + 1) : list.readIntLE(at + 1, byteCount);
  return { value: String(value), next: at + 1 + byteCount };
}

const integerBytes: ReadonlyMap<number, number> = new Map([
  [0xc0, 2],
  [0xd0, 4],
  [0xe0, 8],
  [0xf0, 3],
  [0xfe, 1],
]);

/** Field, value, field, value. */
export function zipmapPairs(reader: RdbReader, map: Buffer): Bytes[] {
  const end = map.length - 1;
  if (end < 1 || map[end] !== END) reader.fail("a zipmap without an end");
  const pairs: Bytes[] = [];
  let at = 1;
  while (at < end) {
    const isValue = pairs.length % 2 === 1;
    const isLong = map[at] === LONG;
    const head = (isLong ? 5 : 1) + (isValue ? 1 : 0);
    if (at + head > end) reader.fail("an entry of a zipmap that does not fit");
    const byteCount = isLong ? map.readUInt32LE(at + 1) : map[at];
    const spare = isValue ? map[at + head - 1] : 0;
    const start = at + head;
    at = start + byteCount + spare;
    if (at > end) reader.fail("an entry of a zipmap that does not fit");
    reader.takeElement(byteCount);
    pairs.push(canonicalCopy(map, start, start + byteCount));
  }
  if (pairs.length % 2 !== 0) reader.fail("a field without its value");
  if (map[0] <= ZIPMAP_COUNT_MAX && map[0] !== pairs.length / 2) {
    reader.fail("a zipmap that counts its fields wrongly");
  }
  return pairs;
}
