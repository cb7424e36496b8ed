/**
 * A HyperLogLog as bytes: 16,384 registers, each the longest run that a hash of its share had.
 *
 *   sketch = "HYLL", encoding u8 (0 dense, 1 sparse), 3 bytes of zero, cardinality u64 (little
 *            endian; its highest bit: out of date), then the registers
 *   dense  = 6 bits each, from the lowest bit of the first byte on
 *   sparse = 00xxxxxx          so many zeros, less one
 *            01xxxxxx xxxxxxxx the same, up to 16,384, high byte first
 *            1vvvvvxx          1 to 4 (x, less one) registers of value 1 to 32 (v, less one)
 * Other programs read these bytes, so that every sketch must have the very bytes that they expect.
 */
import { type Bytes, toBuffer } from "../base/bytes.ts";
import { REGISTER_COUNT } from "./element-hash.ts";

export const HEADER_BYTES = 16;
export const ENCODING_BYTE = 4;
export const CARDINALITY_BYTE = 8;
/** The byte of the cardinality with the highest bit. */
export const STALE_BYTE = 15;
export const STALE_BIT = 0x80;
export const DENSE = 0;
export const SPARSE = 1;
export const VALUE_BITS = 6;
export const VALUE_MAX = 63;
export const DENSE_BYTES = HEADER_BYTES + (REGISTER_COUNT * VALUE_BITS) / 8;
export const SPARSE_VALUE_MAX = 32;
export const SPARSE_RUN_MAX = 4;
export const ZEROS_MAX = 64;
const MAGIC = "HYLL";

/** Whether the header is one, and a dense sketch has its length. */
export function isSketch(bytes: Bytes): boolean {
  if (bytes.length < HEADER_BYTES) return false;
  const header = typeof bytes === "string" ? bytes : bytes.latin1Slice(0, HEADER_BYTES);
  if (!header.startsWith(MAGIC)) return false;
  const encoding = header.charCodeAt(ENCODING_BYTE);
  return encoding === SPARSE || (encoding === DENSE && bytes.length === DENSE_BYTES);
}

export function isDenseSketch(sketch: Bytes): boolean {
  const encoding =
    typeof sketch === "string" ? sketch.charCodeAt(ENCODING_BYTE) : sketch[ENCODING_BYTE];
  return encoding === DENSE;
}

/** Undefined if it is out of date. */
export function heldCardinality(sketch: Bytes): number | bigint | undefined {
  const bytes = toBuffer(sketch);
  if ((bytes[STALE_BYTE] & STALE_BIT) !== 0) return undefined;
  const cardinality = bytes.readBigInt64LE(CARDINALITY_BYTE);
  const plain = Number(cardinality);
  return Number.isSafeInteger(plain) ? plain : cardinality;
}

/** Into `bytes`, which are zero: the sketch of nothing; its length. */
export function writeEmptySketch(bytes: Buffer): number {
  bytes.latin1Write(MAGIC, 0);
  bytes[ENCODING_BYTE] = SPARSE;
  return HEADER_BYTES + writeZeros(bytes, HEADER_BYTES, REGISTER_COUNT);
}

export function isValueOp(op: number): boolean {
  return (op & 0x80) !== 0;
}

/** Of two bytes. */
export function isLongZerosOp(op: number): boolean {
  return (op & 0xc0) === 0x40;
}

/** How many registers the op at that place stands for. */
export function spanAt(bytes: Uint8Array, at: number): number {
  const op = bytes[at];
  if (isValueOp(op)) return (op & 0x3) + 1;
  if (isLongZerosOp(op)) return (((op & 0x3f) << 8) | bytes[at + 1]) + 1;
  return (op & 0x3f) + 1;
}

export function valueOfOp(op: number): number {
  return ((op >> 2) & 0x1f) + 1;
}

export function valueOp(value: number, count: number): number {
  return 0x80 | ((value - 1) << 2) | (count - 1);
}

/** In as few bytes as it takes; how many. */
export function writeZeros(bytes: Uint8Array, at: number, count: number): number {
  const less = count - 1;
  if (count <= ZEROS_MAX) {
    bytes[at] = less;
    return 1;
  }
  bytes[at] = 0x40 | (less >> 8);
  bytes[at + 1] = less;
  return 2;
}
