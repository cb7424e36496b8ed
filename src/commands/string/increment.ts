/**
 * INCR and its like: 64-bit integers, exact; plain numbers as long as they are safe.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import type { Reply } from "../../resp/frame.ts";
import type { CommandContext } from "../context.ts";
import { addTo } from "../integer-addition.ts";

export function increment(context: CommandContext, keyArgument: Bytes, by: bigint): Reply {
  const { database } = context;
  const key = toBinaryString(keyArgument);
  const value = context.borrowString(key);
  if (value instanceof ErrorReply) return value;
  const sum = addTo(value ?? "0", by);
  if (sum instanceof ErrorReply) return sum;
  const expiryMs = context.expiryMsOf(key);
  context.apply({ id: EffectId.stringSet, database, key, value: String(sum), expiryMs });
  return sum;
}
