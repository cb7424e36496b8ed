/**
 * A keyed 32-bit hash of binary strings: HalfSipHash-1-3 (Aumasson and Bernstein, SipHash's
 * reference implementation), so that nobody who does not know the key can send keys that collide.
 *
 * Rejected: V8's own hash of a string, which no JavaScript can read; and a multiplicative hash,
 * against which colliding keys are published.
 */

export interface HashKey {
  readonly low: number;
  readonly high: number;
}

/** The text is one character per byte. */
export function hashOf(text: string, key: HashKey): number {
  const byteCount = text.length;
  let v0 = key.low;
  let v1 = key.high;
  let v2 = 0x6c796765 ^ key.low;
  let v3 = 0x74656462 ^ key.high;
  let at = 0;
  let word = 0;
  for (;;) {
    if (at + 4 <= byteCount) {
      word =
        text.charCodeAt(at) |
        (text.charCodeAt(at + 1) << 8) |
        (text.charCodeAt(at + 2) << 16) |
        (text.charCodeAt(at + 3) << 24);
    } else word = lastWord(text, at, byteCount);
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
    if (at + 4 > byteCount) break;
    at += 4;
  }
  v2 ^= 0xff;
  for (let round = 0; round < 3; round += 1) {
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
  }
  return v1 ^ v3;
}

/** What is left of the bytes, under their count. */
function lastWord(text: string, start: number, byteCount: number): number {
  let word = byteCount << 24;
  for (let at = start, shift = 0; at < byteCount; at += 1, shift += 8) {
    word |= text.charCodeAt(at) << shift;
  }
  return word;
}
