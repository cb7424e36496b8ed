/**
 * ZPOPMIN, ZMPOP, BZPOPMIN and their like: members with the lowest or the highest scores.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import type { SortedSetValue } from "../../keyspace/sorted-set-value.ts";
import type { Reply } from "../../resp/frame.ts";
import { type CommandContext, optionName } from "../context.ts";
import { parseClampedInteger } from "../integer-argument.ts";
import { keysBetween, type MultiplePop } from "../multiple-pop.ts";
import { parseTimeoutSeconds } from "../timeout-argument.ts";
import { tryOrWait } from "../waiting.ts";
import { scoredRunReply } from "./scored-reply.ts";

export type SortedSetEnd = "MIN" | "MAX";

/** ZPOPMIN and ZPOPMAX. Only RESP3 nests pairs, and only if a count was given. */
export function pop(context: CommandContext, args: readonly Bytes[], end: SortedSetEnd): Reply {
  if (args.length > 3) return errors.syntax;
  const count = args.length === 3 ? parseClampedInteger(args[2]) : 1;
  if (count === undefined || count < 0) return errors.mustBePositive;
  const key = toBinaryString(args[1]);
  const set = context.lookupSortedSet(key);
  if (set instanceof ErrorReply) return set;
  if (set === undefined || count === 0) return [];
  const isNested = context.session.protocol === 3 && args.length === 3;
  return take(context, key, set, end, count, isNested);
}

export function parseSortedSetEnd(argument: Bytes): SortedSetEnd | undefined {
  const name = optionName(argument);
  return name === "MIN" || name === "MAX" ? name : undefined;
}

/** The key and its members; undefined where none of the keys holds a sorted set. */
export function popSome(
  context: CommandContext,
  request: MultiplePop<SortedSetEnd>,
): Reply | undefined {
  for (const key of request.keys) {
    const set = context.lookupSortedSet(key);
    if (set instanceof ErrorReply) return set;
    if (set !== undefined) {
      return [key, take(context, key, set, request.end, request.count, true)];
    }
  }
  return undefined;
}

/** BZPOPMIN and BZPOPMAX: the timeout is the last argument, all between are keys. */
export function blockingPop(
  context: CommandContext,
  args: readonly Bytes[],
  end: SortedSetEnd,
): Reply {
  const timeoutAt = args.length - 1;
  const timeoutMs = parseTimeoutSeconds(args[timeoutAt], context.nowMs);
  const keys = keysBetween(args, 1, timeoutAt);
  return tryOrWait(context, "zset", keys, timeoutMs, (now) => popFirst(now, keys, end));
}

function popFirst(
  context: CommandContext,
  keys: readonly string[],
  end: SortedSetEnd,
): Reply | undefined {
  for (const key of keys) {
    const set = context.lookupSortedSet(key);
    if (set instanceof ErrorReply) return set;
    if (set !== undefined) return [key, ...take(context, key, set, end, 1, false)];
  }
  return undefined;
}

/** Removes at most `count` members; they come in the order of popping. */
function take(
  context: CommandContext,
  key: string,
  set: SortedSetValue,
  end: SortedSetEnd,
  countMax: number,
  isNested: boolean,
): Reply[] {
  const { database } = context;
  const { size } = set;
  const count = Math.min(countMax, size);
  const start = end === "MIN" ? 0 : size - count;
  const taken = scoredRunReply(set, start, count, end === "MAX", isNested);
  context.apply({ id: EffectId.sortedSetRemoveRange, database, key, start, count });
  return taken;
}
