/**
 * A small set of 64-bit integers in one string, ascending (Redis's intset is the model): a
 * character with the width, then each integer in so many bytes, 1 to 8, little endian, as wide as
 * the widest that was ever in. Redis knows 2, 4 and 8, and so takes 8 for most identifiers and
 * times, which need 5 or 6.
 *
 * Members are known by their text, the one way to write an integer. A string costs 16 bytes besides
 * its content and is never changed, only made anew, which for so few is quicker than a Buffer.
 */
import { assert } from "../base/assert.ts";

export const EMPTY_INTEGERS = "\x01";
export const INTEGERS_MAX = 512;

const HEAD_BYTES = 1;
const DIGITS_MAX = 20;
const WORD = 2 ** 32;
const WORD_BYTES = 4;
/** Upper halves of integers that a number holds exactly. */
const SAFE_HIGH = 2 ** 21;

const scratch = Buffer.allocUnsafeSlow(HEAD_BYTES + INTEGERS_MAX * 8);

/** The halves of what was parsed last: two numbers, so that none is allocated. */
let parsedHigh = 0;
let parsedLow = 0;

export function isInteger(text: string): boolean {
  return parse(text);
}

export function integerCount(packed: string): number {
  return (packed.length - HEAD_BYTES) / packed.charCodeAt(0);
}

export function hasInteger(packed: string, text: string): boolean {
  if (!parse(text)) return false;
  const width = packed.charCodeAt(0);
  if (widthOf(parsedHigh, parsedLow) > width) return false;
  let from = 0;
  let to = integerCount(packed);
  while (from < to) {
    const middle = (from + to) >>> 1;
    const order = orderAt(packed, width, middle);
    if (order === 0) return true;
    if (order < 0) from = middle + 1;
    else to = middle;
  }
  return false;
}

export function integerAt(packed: string, index: number): string {
  const width = packed.charCodeAt(0);
  const at = HEAD_BYTES + index * width;
  if (width <= WORD_BYTES) return String(signedAt(packed, at, width));
  const high = signedAt(packed, at + WORD_BYTES, width - WORD_BYTES);
  return textOf(high, signedAt(packed, at, WORD_BYTES));
}

/** With these, all of them integers and none of them there; at most INTEGERS_MAX in all. */
export function withIntegers(packed: string, texts: readonly string[]): string {
  let count = integerCount(packed);
  assert(count + texts.length <= INTEGERS_MAX, "packed integers stay few");
  scratch.latin1Write(packed, 0, packed.length);
  for (let index = 0; index < texts.length; index += 1) {
    assert(parse(texts[index]), "what is packed as an integer is one");
    const width = widthOf(parsedHigh, parsedLow);
    if (width > scratch[0]) widen(count, width);
    insert(count, placeInScratch(count));
    count += 1;
  }
  return scratch.latin1Slice(0, HEAD_BYTES + count * scratch[0]);
}

/** Without these, each of which is there. */
export function withoutIntegers(packed: string, texts: readonly string[]): string {
  let count = integerCount(packed);
  scratch.latin1Write(packed, 0, packed.length);
  const width = scratch[0];
  for (let index = 0; index < texts.length; index += 1) {
    assert(parse(texts[index]), "what leaves packed integers is an integer");
    const at = HEAD_BYTES + placeInScratch(count) * width;
    const end = HEAD_BYTES + count * width;
    assert(at < end && orderInScratch(at) === 0, "what leaves packed integers is in them");
    scratch.copyWithin(at, at + width, end);
    count -= 1;
  }
  return scratch.latin1Slice(0, HEAD_BYTES + count * width);
}

/** Sets the parsed halves; false for what is no 64-bit integer in its one form. */
function parse(text: string): boolean {
  const { length } = text;
  if (length === 0 || length > DIGITS_MAX) return false;
  const isNegative = text.charCodeAt(0) === 0x2d;
  const digitsAt = isNegative ? 1 : 0;
  if (length === digitsAt) return false;
  if (text.charCodeAt(digitsAt) === 0x30 && length > 1) return false;
  let number = 0;
  for (let index = digitsAt; index < length; index += 1) {
    const digit = text.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return false;
    number = number * 10 + digit;
  }
  if (number > Number.MAX_SAFE_INTEGER) return parseWide(text);
  const value = isNegative ? -number : number;
  parsedHigh = Math.floor(value / WORD);
  parsedLow = value | 0;
  return true;
}

function parseWide(text: string): boolean {
  const value = BigInt(text);
  if (BigInt.asIntN(64, value) !== value) return false;
  parsedHigh = Number(value >> 32n);
  parsedLow = Number(BigInt.asIntN(32, value));
  return true;
}

function textOf(high: number, low: number): string {
  if (high >= -SAFE_HIGH && high < SAFE_HIGH) return String(high * WORD + (low >>> 0));
  return String((BigInt(high) << 32n) | BigInt(low >>> 0));
}

function widthOf(high: number, low: number): number {
  return high === low >> 31 ? signedBytes(low) : WORD_BYTES + signedBytes(high);
}

/** How many bytes hold a number of 32 bits and its sign. */
function signedBytes(value: number): number {
  if (value === (value << 24) >> 24) return 1;
  if (value === (value << 16) >> 16) return 2;
  return value === (value << 8) >> 8 ? 3 : 4;
}

/** Of 1 to 4 bytes. */
function signedAt(packed: string, at: number, byteCount: number): number {
  let value = 0;
  for (let index = 0; index < byteCount; index += 1) {
    value |= packed.charCodeAt(at + index) << (index << 3);
  }
  const spare = (WORD_BYTES - byteCount) << 3;
  return (value << spare) >> spare;
}

/** Below 0 if what stands there comes before what was parsed. */
function orderAt(packed: string, width: number, index: number): number {
  const at = HEAD_BYTES + index * width;
  if (width <= WORD_BYTES) {
    const low = signedAt(packed, at, width);
    return wideOrder(low >> 31, low);
  }
  const high = signedAt(packed, at + WORD_BYTES, width - WORD_BYTES);
  return high === parsedHigh
    ? wideOrder(high, signedAt(packed, at, WORD_BYTES))
    : high - parsedHigh;
}

function orderInScratch(at: number): number {
  const width = scratch[0];
  if (width <= WORD_BYTES) {
    const low = scratch.readIntLE(at, width);
    return wideOrder(low >> 31, low);
  }
  const high = scratch.readIntLE(at + WORD_BYTES, width - WORD_BYTES);
  return wideOrder(high, scratch.readInt32LE(at));
}

function wideOrder(high: number, low: number): number {
  return high === parsedHigh ? (low >>> 0) - (parsedLow >>> 0) : high - parsedHigh;
}

/** How many come before what was parsed. */
function placeInScratch(count: number): number {
  const width = scratch[0];
  let from = 0;
  let to = count;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (orderInScratch(HEAD_BYTES + middle * width) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

function insert(count: number, place: number): void {
  const width = scratch[0];
  const at = HEAD_BYTES + place * width;
  scratch.copyWithin(at + width, at, HEAD_BYTES + count * width);
  writeAt(at, width, parsedHigh, parsedLow);
}

/** From the end, so that nothing is written over before it was read. */
function widen(count: number, width: number): void {
  const before = scratch[0];
  for (let index = count - 1; index >= 0; index -= 1) {
    const at = HEAD_BYTES + index * before;
    const low = scratch.readIntLE(at, Math.min(before, WORD_BYTES));
    const high =
      before <= WORD_BYTES ? low >> 31 : scratch.readIntLE(at + WORD_BYTES, before - WORD_BYTES);
    writeAt(HEAD_BYTES + index * width, width, high, low);
  }
  scratch[0] = width;
}

function writeAt(at: number, width: number, high: number, low: number): void {
  for (let index = 0; index < width; index += 1) {
    const half = index < WORD_BYTES ? low : high;
    scratch[at + index] = half >>> ((index & (WORD_BYTES - 1)) << 3);
  }
}
