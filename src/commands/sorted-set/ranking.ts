/**
 * ZRANK and ZREVRANK: a member's rank, from 0, with its score if that is asked for.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors, wrongArgumentCount } from "../../base/errors.ts";
import { DoubleReply, NULL_ARRAY, type Reply } from "../../resp/frame.ts";
import { type CommandContext, optionName } from "../context.ts";

export function rankOf(context: CommandContext, args: readonly Bytes[], isReverse: boolean): Reply {
  if (args.length > 4) return wrongArgumentCount(isReverse ? "zrevrank" : "zrank");
  const isWithScore = args.length === 4;
  if (isWithScore && optionName(args[3]) !== "WITHSCORE") return errors.syntax;
  const set = context.lookupSortedSet(toBinaryString(args[1]));
  if (set instanceof ErrorReply) return set;
  const member = toBinaryString(args[2]);
  const fromLowest = set === undefined ? -1 : set.rank(member);
  if (set === undefined || fromLowest < 0) return isWithScore ? NULL_ARRAY : null;
  const rank = isReverse ? set.size - 1 - fromLowest : fromLowest;
  return isWithScore ? [rank, new DoubleReply(set.score(member) ?? 0)] : rank;
}
