/**
 * INCR and its like: 64-bit integers, exact; plain numbers as long as they are safe.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { fitsInt64, parseInt64 } from "../../base/int64.ts";
import { EffectId } from "../../keyspace/effect.ts";
import type { Reply } from "../../resp/frame.ts";
import type { CommandContext } from "../context.ts";
import { parseInteger } from "../integer-argument.ts";

export function increment(context: CommandContext, keyArgument: Bytes, by: bigint): Reply {
  const { database } = context;
  const key = toBinaryString(keyArgument);
  const value = context.lookupString(key);
  if (value instanceof ErrorReply) return value;
  const text = value === undefined ? "0" : value.bytes;
  const sum = addTo(text, by);
  if (sum instanceof ErrorReply) return sum;
  const expiryMs = context.peek(key)?.expiryMs ?? 0;
  context.apply({ id: EffectId.stringSet, database, key, value: String(sum), expiryMs });
  return sum;
}

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

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);
