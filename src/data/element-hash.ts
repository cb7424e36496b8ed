/**
 * The hash by which a HyperLogLog places its elements: MurmurHash2 of 64 bits, with the seed that
 * all sketches share. Sketches made elsewhere can only be merged because it is the same everywhere.
 *
 * 64-bit numbers are two halves of 32 bits: bigints are ten times as slow.
 */
import type { Bytes } from "../base/bytes.ts";

export const REGISTER_BITS = 14;
export const REGISTER_COUNT = 1 << REGISTER_BITS;

const SEED = 0xadc83b19;
const MULTIPLIER_HIGH = 0xc6a4a793 | 0;
const MULTIPLIER_LOW = 0x5bd1e995;
const LOW_0 = MULTIPLIER_LOW & 0xffff;
const LOW_1 = MULTIPLIER_LOW >>> 16;
/** A shift by 47 bits takes the high half down by so many, and leaves nothing else. */
const HIGH_SHIFT = 47 - 32;

/**
 * Where an element belongs, `registerOf` and `runOf` the result: the register, and the length of
 * the run of zeros in the rest of the hash with the one that ends it, 1 to 51.
 */
export function placeOf(element: Bytes): number {
  const byteCount = element.length;
  let low = SEED ^ Math.imul(byteCount, MULTIPLIER_LOW);
  let high = highProduct(0, byteCount);
  let at = 0;
  for (; at + 8 <= byteCount; at += 8) {
    let wordLow = wordAt(element, at);
    let wordHigh = highProduct(wordAt(element, at + 4), wordLow);
    wordLow = Math.imul(wordLow, MULTIPLIER_LOW) ^ (wordHigh >>> HIGH_SHIFT);
    wordHigh = highProduct(wordHigh, wordLow);
    low ^= Math.imul(wordLow, MULTIPLIER_LOW);
    high = highProduct(high ^ wordHigh, low);
    low = Math.imul(low, MULTIPLIER_LOW);
  }
  if (at < byteCount) {
    low ^= wordAt(element, at);
    high = highProduct(high ^ wordAt(element, at + 4), low);
    low = Math.imul(low, MULTIPLIER_LOW);
  }
  low ^= high >>> HIGH_SHIFT;
  high = highProduct(high, low);
  low = Math.imul(low, MULTIPLIER_LOW);
  low ^= high >>> HIGH_SHIFT;
  const rest = low >>> REGISTER_BITS;
  const run = rest !== 0 ? trailingZeros(rest) : 32 - REGISTER_BITS + trailingZeros(high);
  return (low & (REGISTER_COUNT - 1)) | ((run + 1) << REGISTER_BITS);
}

export function registerOf(place: number): number {
  return place & (REGISTER_COUNT - 1);
}

export function runOf(place: number): number {
  return place >>> REGISTER_BITS;
}

/** The high half of the product with the multiplier; the low half is `Math.imul`'s. */
function highProduct(high: number, low: number): number {
  const low0 = low & 0xffff;
  const low1 = low >>> 16;
  const middle = low1 * LOW_0 + ((low0 * LOW_0) >>> 16);
  const other = low0 * LOW_1 + (middle & 0xffff);
  const carried = low1 * LOW_1 + (middle >>> 16) + (other >>> 16);
  return (carried + Math.imul(high, MULTIPLIER_LOW) + Math.imul(low, MULTIPLIER_HIGH)) | 0;
}

/** Four bytes, the lowest first; zeros behind the end. */
function wordAt(element: Bytes, at: number): number {
  if (typeof element !== "string") {
    return element[at] | (element[at + 1] << 8) | (element[at + 2] << 16) | (element[at + 3] << 24);
  }
  return (
    element.charCodeAt(at) |
    (element.charCodeAt(at + 1) << 8) |
    (element.charCodeAt(at + 2) << 16) |
    (element.charCodeAt(at + 3) << 24)
  );
}

/** 32 for zero. */
function trailingZeros(word: number): number {
  return word === 0 ? 32 : 31 - Math.clz32(word & -word);
}
