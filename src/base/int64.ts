/**
 * 64-bit signed integers: exact, in plain numbers where they are safe and in bigint elsewhere.
 */
import type { Bytes } from "./bytes.ts";

export const INT64_MAX = 2n ** 63n - 1n;
export const INT64_MIN = -(2n ** 63n);
const DIGITS_MAX = 20;
const CANONICAL = /^(?:0|-?[1-9][0-9]*)$/;

/** Redis's strict form: an optional minus, no plus, no leading zeros or spaces. */
export function parseInt64(bytes: Bytes): bigint | undefined {
  if (typeof bytes !== "string" || bytes.length > DIGITS_MAX || !CANONICAL.test(bytes)) {
    return undefined;
  }
  const value = BigInt(bytes);
  return value >= INT64_MIN && value <= INT64_MAX ? value : undefined;
}

export function fitsInt64(value: bigint): boolean {
  return value >= INT64_MIN && value <= INT64_MAX;
}
