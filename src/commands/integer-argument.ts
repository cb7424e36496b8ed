/**
 * Integers as Redis takes them in arguments: an optional minus, no leading zeros or spaces.
 */
import type { Bytes } from "../base/bytes.ts";

const DIGITS_MAX = 16;

/** Undefined for anything else, and for what a JavaScript number cannot hold exactly. */
export function parseInteger(argument: Bytes): number | undefined {
  const length = argument.length;
  if (typeof argument !== "string" || length === 0 || length > DIGITS_MAX + 1) return undefined;
  const isNegative = argument.charCodeAt(0) === 45;
  const start = isNegative ? 1 : 0;
  if (length === start) return undefined;
  if (argument.charCodeAt(start) === 48 && (length > start + 1 || isNegative)) return undefined;
  let value = 0;
  for (let index = start; index < length; index += 1) {
    const digit = argument.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  if (!Number.isSafeInteger(value)) return undefined;
  return isNegative ? -value : value;
}
