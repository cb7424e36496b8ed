/**
 * Additions to stored integers (INCR, HINCRBY): 64 bits, exact; plain numbers while they are safe.
 */
import type { Bytes } from "../base/bytes.ts";
import { type ErrorReply, errors } from "../base/errors.ts";
import { fitsInt64, parseInt64 } from "../base/int64.ts";
import { parseInteger } from "./integer-argument.ts";

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** The sum, as a number where it is safe. */
export function addTo(text: Bytes, by: bigint): number | bigint | ErrorReply {
  const small = parseInteger(text);
  if (small !== undefined) {
    const sum = small + Number(by);
    if (Number.isSafeInteger(sum) && by >= -SAFE && by <= SAFE) return sum;
  }
  const current = parseInt64(text);
  if (current === undefined) return errors.notAnInteger;
  const sum = current + by;
  return fitsInt64(sum) ? sum : errors.incrementOverflow;
}
