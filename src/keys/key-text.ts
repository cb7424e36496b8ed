/**
 * What a master key's file holds: 32 raw bytes, 64 hexadecimal digits, or base64 of 32 bytes; white
 * space around the last two is no part of them. Read byte by byte, so that no string has the key.
 */
import { DATA_KEY_BYTES } from "../runtime/cipher.ts";

const BASE64_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const HEXADECIMAL_DIGITS = "0123456789abcdef";
const PADDING = 0x3d;

/** The key, in memory of its own, or undefined for what is none. */
export function parseKeyFile(bytes: Buffer): Buffer | undefined {
  if (bytes.length === DATA_KEY_BYTES) return Buffer.from(bytes);
  let start = 0;
  let end = bytes.length;
  while (start < end && isSpace(bytes[start])) start += 1;
  while (end > start && isSpace(bytes[end - 1])) end -= 1;
  const text = bytes.subarray(start, end);
  if (text.length === DATA_KEY_BYTES * 2) return decode(text, 4, hexadecimalDigit);
  const hasPadding = text.length === 44 && text[43] === PADDING;
  if (!hasPadding && text.length !== 43) return undefined;
  return decode(text.subarray(0, 43), 6, base64Digit);
}

/** Digits of `bits` bits each; undefined if one is no digit, or if bits that are left are not 0. */
function decode(
  text: Buffer,
  bits: number,
  digitOf: (character: number) => number,
): Buffer | undefined {
  const key = Buffer.alloc(DATA_KEY_BYTES);
  let held = 0;
  let heldBits = 0;
  let count = 0;
  for (const character of text) {
    const digit = digitOf(character);
    if (digit < 0) return undefined;
    held = (held << bits) | digit;
    heldBits += bits;
    if (heldBits < 8) continue;
    heldBits -= 8;
    key[count] = held >>> heldBits;
    held &= (1 << heldBits) - 1;
    count += 1;
  }
  return count === DATA_KEY_BYTES && held === 0 ? key : undefined;
}

function hexadecimalDigit(character: number): number {
  return HEXADECIMAL_DIGITS.indexOf(String.fromCharCode(character).toLowerCase());
}

/** Both alphabets. */
function base64Digit(character: number): number {
  if (character === 0x2d) return 62;
  if (character === 0x5f) return 63;
  return BASE64_DIGITS.indexOf(String.fromCharCode(character));
}

function isSpace(character: number): boolean {
  return character === 0x20 || (character >= 0x09 && character <= 0x0d);
}
