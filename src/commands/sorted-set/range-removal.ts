/**
 * ZREMRANGEBYRANK, ZREMRANGEBYSCORE and ZREMRANGEBYLEX.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import type { Reply } from "../../resp/frame.ts";
import type { CommandContext } from "../context.ts";
import { parseRange, ranksIn, type SortedSetRange } from "./range.ts";

export function removeRange(
  context: CommandContext,
  args: readonly Bytes[],
  by: SortedSetRange["by"],
): Reply {
  const range = parseRange(by, args[2], args[3]);
  if (range instanceof ErrorReply) return range;
  const key = toBinaryString(args[1]);
  const set = context.lookupSortedSet(key);
  if (set instanceof ErrorReply) return set;
  if (set === undefined) return 0;
  const { start, count } = ranksIn(set, range, false);
  if (count === 0) return 0;
  const { database } = context;
  context.apply({ id: EffectId.sortedSetRemoveRange, database, key, start, count });
  return count;
}
