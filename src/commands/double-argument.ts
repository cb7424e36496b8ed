/**
 * Doubles as Redis takes them in arguments: decimal, or an infinity. What is too large or too small
 * for a double is refused, and so is NaN.
 */
import { type Bytes, toBinaryString } from "../base/bytes.ts";
import { limits } from "../base/limits.ts";
import { parseInteger } from "./integer-argument.ts";

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const INFINITE = /^[+-]?inf(?:inity)?$/i;
const ZERO = /^[+-]?[0.]*(?:e|$)/i;

/** Undefined for anything else. */
export function parseDouble(argument: Bytes): number | undefined {
  const integer = parseInteger(argument);
  if (integer !== undefined) return integer;
  const text = toBinaryString(argument);
  const value = parseDecimal(text);
  if (value === undefined || INFINITE.test(text)) return value;
  if (!Number.isFinite(value)) return undefined;
  return value === 0 && !ZERO.test(text) ? undefined : value;
}

/** The same, but what is beyond a double is infinite or 0. */
export function parseDecimal(text: string): number | undefined {
  if (text.length > limits.floatTextBytesMax) return undefined;
  if (DECIMAL.test(text)) return Number(text);
  if (!INFINITE.test(text)) return undefined;
  return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
