/**
 * Integers as Redis takes them in arguments: an optional minus, no leading zeros or spaces.
 */
import type { Bytes } from "../base/bytes.ts";
import { parseInt64 } from "../base/int64.ts";

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

/**
 * Any 64-bit integer, cut to what a JavaScript number holds exactly: for indexes, counts and
 * limits, where everything beyond 2^53 means the same. Undefined for anything else.
 */
export function parseClampedInteger(argument: Bytes): number | undefined {
  const exact = parseInteger(argument);
  if (exact !== undefined) return exact;
  const wide = parseInt64(argument);
  if (wide === undefined) return undefined;
  return wide < 0n ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;
}
