/**
 * A key's record in the arena: everything that a lookup needs, side by side.
 *
 *   word 0  hash            1  shape: key bytes (10 bits), value bytes (10), units (7), kind (4)
 *        2  last access, Unix seconds     3  tag of the log record that wrote it last
 *        4  place in the dense order      5  1 + place among the keys with an expiry; 0: none
 *        6  expiry, a double over words 6 and 7, only if word 5 says so
 *   then the key and the bytes of a string or a small collection (`packed-value.ts`); or, if the
 *   value is an object, its index (word 8), and the key behind it. A key of more than
 *   SHORT_BYTES_MAX stays with the object.
 */
import { SHORT_BYTES_MAX } from "../base/bytes.ts";
import { UNIT_BYTES } from "../data/slab-arena.ts";

export const Word = {
  hash: 0,
  shape: 1,
  accessSeconds: 2,
  tag: 3,
  place: 4,
  expiryPlace: 5,
  objectIndex: 8,
} as const;

/** In doubles. */
export const EXPIRY_DOUBLE = 3;
export const STRING_KEY_BYTE = 32;
export const OBJECT_KEY_BYTE = 36;

const LENGTH_BITS = 10;
const LENGTH_MASK = (1 << LENGTH_BITS) - 1;
const UNITS_SHIFT = 2 * LENGTH_BITS;
const UNITS_MASK = 127;
const OBJECT_BIT = 1 << 27;
const LONG_KEY_BIT = 1 << 28;
const RAW_BIT = 1 << 29;
const PACKED_BIT = 1 << 30;

/** Of a collection in a record. */
export const PACKED_VALUE_BYTES_MAX = LENGTH_MASK;

export function stringUnits(keyBytes: number, valueBytes: number): number {
  return Math.ceil((STRING_KEY_BYTE + keyBytes + valueBytes) / UNIT_BYTES);
}

export function objectUnits(keyBytes: number): number {
  const inline = keyBytes > SHORT_BYTES_MAX ? 0 : keyBytes;
  return Math.ceil((OBJECT_KEY_BYTE + inline) / UNIT_BYTES);
}

export function stringShape(
  keyBytes: number,
  valueBytes: number,
  unitCount: number,
  isRaw: boolean,
): number {
  const rawBit = isRaw ? RAW_BIT : 0;
  return rawBit | keyBytes | (valueBytes << LENGTH_BITS) | (unitCount << UNITS_SHIFT);
}

export function packedShape(keyBytes: number, valueBytes: number, unitCount: number): number {
  return PACKED_BIT | keyBytes | (valueBytes << LENGTH_BITS) | (unitCount << UNITS_SHIFT);
}

export function objectShape(keyBytes: number, unitCount: number): number {
  if (keyBytes > SHORT_BYTES_MAX) return OBJECT_BIT | LONG_KEY_BIT | (unitCount << UNITS_SHIFT);
  return OBJECT_BIT | keyBytes | (unitCount << UNITS_SHIFT);
}

export function keyBytesOf(shape: number): number {
  return shape & LENGTH_MASK;
}

export function valueBytesOf(shape: number): number {
  return (shape >>> LENGTH_BITS) & LENGTH_MASK;
}

export function unitsOf(shape: number): number {
  return (shape >>> UNITS_SHIFT) & UNITS_MASK;
}

export function isObject(shape: number): boolean {
  return (shape & OBJECT_BIT) !== 0;
}

export function isPacked(shape: number): boolean {
  return (shape & PACKED_BIT) !== 0;
}

/** Of a short string (`StringValue.isRaw`). */
export function isRawString(shape: number): boolean {
  return (shape & RAW_BIT) !== 0;
}

export function hasLongKey(shape: number): boolean {
  return (shape & LONG_KEY_BIT) !== 0;
}
