/**
 * Bits of byte strings: counted, searched and combined by words of 32 bits. Bit 0 is the highest of
 * the first byte, so that order of bits is order of bytes.
 */

export type BitOperation = "and" | "or" | "xor" | "not";

const WORD_BYTES = 4;
const GROUP_WORDS = 8;
const BLOCK_BYTES = 2048;
const ZEROS = Buffer.alloc(BLOCK_BYTES);
const ONES = Buffer.alloc(BLOCK_BYTES, 0xff);

/** How many are set in the bytes from `start` to before `end`. */
export function countBits(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  let at = start;
  for (; at < end && (bytes.byteOffset + at) % WORD_BYTES !== 0; at += 1) count += ones(bytes[at]);
  const wordCount = Math.floor((end - at) / WORD_BYTES);
  if (wordCount > 0) {
    count += countWords(new Int32Array(bytes.buffer, bytes.byteOffset + at, wordCount));
    at += wordCount * WORD_BYTES;
  }
  for (; at < end; at += 1) count += ones(bytes[at]);
  return count;
}

/**
 * Eight words are added up bit by bit as if by full adders, so that only one in eight sums is
 * counted: twice as fast as a count for each word.
 */
function countWords(words: Int32Array): number {
  let eights = 0;
  let fours = 0;
  let twos = 0;
  let single = 0;
  let at = 0;
  for (; at + GROUP_WORDS <= words.length; at += GROUP_WORDS) {
    let half = single ^ words[at];
    let twosA = (single & words[at]) | (half & words[at + 1]);
    single = half ^ words[at + 1];
    half = single ^ words[at + 2];
    let twosB = (single & words[at + 2]) | (half & words[at + 3]);
    single = half ^ words[at + 3];
    half = twos ^ twosA;
    const foursA = (twos & twosA) | (half & twosB);
    twos = half ^ twosB;
    half = single ^ words[at + 4];
    twosA = (single & words[at + 4]) | (half & words[at + 5]);
    single = half ^ words[at + 5];
    half = single ^ words[at + 6];
    twosB = (single & words[at + 6]) | (half & words[at + 7]);
    single = half ^ words[at + 7];
    half = twos ^ twosA;
    const foursB = (twos & twosA) | (half & twosB);
    twos = half ^ twosB;
    half = fours ^ foursA;
    eights += ones((fours & foursA) | (half & foursB));
    fours = half ^ foursB;
  }
  let count = eights * 8 + ones(fours) * 4 + ones(twos) * 2 + ones(single);
  for (; at < words.length; at += 1) count += ones(words[at]);
  return count;
}

/** Of one word: pairs, nibbles, bytes, and their sum in the highest byte. */
function ones(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The first bit with this value from bit `start` to bit `last`, inclusive; -1 for none. */
export function findBit(bytes: Buffer, value: 0 | 1, start: number, last: number): number {
  const flip = value === 1 ? 0 : 0xff;
  const lastByte = Math.floor(last / 8);
  let at = Math.floor(start / 8);
  let byte = (bytes[at] ^ flip) & (0xff >>> (start % 8));
  while (byte === 0 && at < lastByte) {
    at = firstOtherByte(bytes, flip, at + 1, lastByte);
    byte = bytes[at] ^ flip;
  }
  if (byte === 0) return -1;
  const found = at * 8 + Math.clz32(byte) - 24;
  return found <= last ? found : -1;
}

/**
 * The first that is not `skipped`, or `last`. Blocks are compared by native code, three times as
 * fast as a look at their words.
 */
function firstOtherByte(bytes: Buffer, skipped: number, start: number, last: number): number {
  const block = skipped === 0 ? ZEROS : ONES;
  let at = start;
  while (at + BLOCK_BYTES <= last) {
    if (bytes.compare(block, 0, BLOCK_BYTES, at, at + BLOCK_BYTES) !== 0) break;
    at += BLOCK_BYTES;
  }
  while (at < last && bytes[at] === skipped) at += 1;
  return at;
}

/** As long as the longest source; what a source lacks are zeros. `not` takes one source. */
export function combineBits(operation: BitOperation, sources: readonly Uint8Array[]): Buffer {
  let longest = 0;
  for (const { length } of sources) longest = Math.max(longest, length);
  const result = Buffer.alloc(longest);
  result.set(sources[0]);
  const bytes = wholeWords(longest);
  const words = new Int32Array(result.buffer, result.byteOffset, bytes / WORD_BYTES);
  if (operation === "not") {
    for (let at = 0; at < words.length; at += 1) words[at] = ~words[at];
    for (let at = bytes; at < longest; at += 1) result[at] = ~result[at];
  }
  for (let index = 1; index < sources.length; index += 1) {
    const source = sources[index];
    if (operation === "and") {
      andInto(result, words, source);
      result.fill(0, source.length);
    } else if (operation === "or") orInto(result, words, source);
    else xorInto(result, words, source);
  }
  return result;
}

function andInto(result: Uint8Array, words: Int32Array, source: Uint8Array): void {
  const others = wordsOf(source);
  for (let at = 0; at < others.length; at += 1) words[at] &= others[at];
  for (let at = wholeWords(source.length); at < source.length; at += 1) result[at] &= source[at];
}

function orInto(result: Uint8Array, words: Int32Array, source: Uint8Array): void {
  const others = wordsOf(source);
  for (let at = 0; at < others.length; at += 1) words[at] |= others[at];
  for (let at = wholeWords(source.length); at < source.length; at += 1) result[at] |= source[at];
}

function xorInto(result: Uint8Array, words: Int32Array, source: Uint8Array): void {
  const others = wordsOf(source);
  for (let at = 0; at < others.length; at += 1) words[at] ^= others[at];
  for (let at = wholeWords(source.length); at < source.length; at += 1) result[at] ^= source[at];
}

function wholeWords(byteCount: number): number {
  return byteCount - (byteCount % WORD_BYTES);
}

/** Bytes that do not begin at a word are copied: that is quicker than to go byte by byte. */
function wordsOf(bytes: Uint8Array): Int32Array {
  const aligned = bytes.byteOffset % WORD_BYTES === 0 ? bytes : new Uint8Array(bytes);
  return new Int32Array(aligned.buffer, aligned.byteOffset, Math.floor(bytes.length / WORD_BYTES));
}
