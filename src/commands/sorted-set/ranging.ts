/**
 * ZRANGE and all that it replaces, and ZRANGESTORE: options, checks in Redis's order, the run of
 * ranks, and the reply or the new sorted set.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import type { SortedSetValue } from "../../keyspace/sorted-set-value.ts";
import type { Reply } from "../../resp/frame.ts";
import { type CommandContext, optionName } from "../context.ts";
import { parseClampedInteger } from "../integer-argument.ts";
import { NO_RANKS, parseRange, type RankRun, ranksIn, type SortedSetRange } from "./range.ts";
import { membersReply, scoredRunReply } from "./scored-reply.ts";
import { storeScored } from "./storing.ts";

const limitByRank = new ErrorReply(
  "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
);
const scoresByLex = new ErrorReply(
  "ERR syntax error, WITHSCORES not supported in combination with BYLEX",
);

/** What a command's name fixes; undefined leaves it to an option. */
export interface RangeForm {
  readonly by?: SortedSetRange["by"];
  readonly isReverse?: boolean;
}

interface RangeOptions {
  by: SortedSetRange["by"] | undefined;
  isReverse: boolean | undefined;
  isWithScores: boolean;
  offset: number;
  /** Below 0: all. */
  limit: number;
}

export function rangeMembers(
  context: CommandContext,
  args: readonly Bytes[],
  form: RangeForm,
): Reply {
  const options = parseOptions(args, 4, form, false);
  if (options instanceof ErrorReply) return options;
  const range = rangeOf(args, 2, options);
  if (range instanceof ErrorReply) return range;
  const set = context.lookupSortedSet(toBinaryString(args[1]));
  if (set instanceof ErrorReply) return set;
  if (set === undefined) return [];
  const { start, count } = runOf(set, range, options);
  const isReverse = options.isReverse === true;
  if (!options.isWithScores) return membersReply(set, start, count, isReverse);
  return scoredRunReply(set, start, count, isReverse, context.session.protocol === 3);
}

export function storeRange(context: CommandContext, args: readonly Bytes[]): Reply {
  const options = parseOptions(args, 5, {}, true);
  if (options instanceof ErrorReply) return options;
  const range = rangeOf(args, 3, options);
  if (range instanceof ErrorReply) return range;
  const set = context.lookupSortedSet(toBinaryString(args[2]));
  if (set instanceof ErrorReply) return set;
  const run = set === undefined ? NO_RANKS : runOf(set, range, options);
  const chosen = set?.slice(run.start, run.count, false) ?? { members: [], scores: [] };
  return storeScored(context, toBinaryString(args[1]), chosen);
}

function parseOptions(
  args: readonly Bytes[],
  firstAt: number,
  form: RangeForm,
  isStored: boolean,
): RangeOptions | ErrorReply {
  const options: RangeOptions = {
    by: form.by,
    isReverse: form.isReverse,
    isWithScores: false,
    offset: 0,
    limit: -1,
  };
  for (let index = firstAt; index < args.length; index += 1) {
    const option = optionName(args[index]);
    if (option === "WITHSCORES" && !isStored) options.isWithScores = true;
    else if (option === "LIMIT" && index + 2 < args.length) {
      const offset = parseClampedInteger(args[index + 1]);
      const limit = parseClampedInteger(args[index + 2]);
      if (offset === undefined || limit === undefined) return errors.notAnInteger;
      options.offset = offset;
      options.limit = limit;
      index += 2;
    } else if (option === "REV" && options.isReverse === undefined) options.isReverse = true;
    else if (option === "BYLEX" && options.by === undefined) options.by = "lex";
    else if (option === "BYSCORE" && options.by === undefined) options.by = "score";
    else return errors.syntax;
  }
  return options;
}

function rangeOf(
  args: readonly Bytes[],
  firstAt: number,
  options: RangeOptions,
): SortedSetRange | ErrorReply {
  const by = options.by ?? "rank";
  if (options.limit !== -1 && by === "rank") return limitByRank;
  if (options.isWithScores && by === "lex") return scoresByLex;
  const isTurned = options.isReverse === true && by !== "rank";
  return parseRange(
    by,
    args[isTurned ? firstAt + 1 : firstAt],
    args[isTurned ? firstAt : firstAt + 1],
  );
}

/** The run of ranks that offset and limit leave. */
function runOf(set: SortedSetValue, range: SortedSetRange, options: RangeOptions): RankRun {
  const isReverse = options.isReverse === true;
  const run = ranksIn(set, range, isReverse);
  if (range.by === "rank") return run;
  const { offset, limit } = options;
  if (offset < 0 || offset >= run.count) return NO_RANKS;
  const left = run.count - offset;
  const count = limit < 0 ? left : Math.min(limit, left);
  if (count === 0) return NO_RANKS;
  return { start: isReverse ? run.start + left - count : run.start + offset, count };
}
