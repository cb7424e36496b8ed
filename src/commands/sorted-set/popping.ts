/**
 * ZPOPMIN, ZMPOP, BZPOPMIN and their like: members with the lowest or the highest scores.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import type { SortedSetValue } from "../../keyspace/sorted-set-value.ts";
import { NULL_ARRAY, type Reply } from "../../resp/frame.ts";
import { type CommandContext, optionName } from "../context.ts";
import { parseClampedInteger } from "../integer-argument.ts";
import { parseTimeoutSeconds } from "../timeout-argument.ts";
import { scoredRunReply } from "./scored-reply.ts";

const badKeyCount = new ErrorReply("ERR numkeys should be greater than 0");
const badCount = new ErrorReply("ERR count should be greater than 0");

export type SortedSetEnd = "MIN" | "MAX";

export interface MultiplePop {
  readonly keys: readonly string[];
  readonly end: SortedSetEnd;
  readonly count: number;
}

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

/** `numkeys key… MIN|MAX [COUNT count]`; the number of keys is at `countAt`. */
export function parseMultiplePop(
  args: readonly Bytes[],
  countAt: number,
): MultiplePop | ErrorReply {
  const keyCount = parseClampedInteger(args[countAt]);
  if (keyCount === undefined || keyCount < 1) return badKeyCount;
  const endAt = countAt + 1 + keyCount;
  if (endAt >= args.length) return errors.syntax;
  const end = optionName(args[endAt]);
  if (end !== "MIN" && end !== "MAX") return errors.syntax;
  const count = parseCount(args, endAt + 1);
  if (count instanceof ErrorReply) return count;
  const keys: string[] = [];
  for (let index = countAt + 1; index < endAt; index += 1) keys.push(toBinaryString(args[index]));
  return { keys, end, count };
}

/** The key and its members; undefined where none of the keys holds a sorted set. */
export function popSome(context: CommandContext, request: MultiplePop): Reply | undefined {
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
  const keys: string[] = [];
  for (let index = 1; index < timeoutAt; index += 1) keys.push(toBinaryString(args[index]));
  return waitForSortedSet(context, keys, timeoutMs, (now) => popFirst(now, keys, end));
}

/** `attempt` gives the reply or an error, or undefined where no key holds a sorted set. */
export function waitForSortedSet(
  context: CommandContext,
  keys: readonly string[],
  timeoutMs: number | ErrorReply,
  attempt: (context: CommandContext) => Reply | undefined,
): Reply {
  if (timeoutMs instanceof ErrorReply) return timeoutMs;
  const reply = attempt(context);
  if (reply !== undefined) return reply;
  return context.block({
    keys,
    timeoutMs,
    valueType: "zset",
    wakesOnRemoval: false,
    inTransaction: NULL_ARRAY,
    serve: attempt,
  });
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

/** In Redis's order: the count's value is looked at before what follows it. */
function parseCount(args: readonly Bytes[], firstAt: number): number | ErrorReply {
  if (args.length === firstAt) return 1;
  if (optionName(args[firstAt]) !== "COUNT" || args.length === firstAt + 1) return errors.syntax;
  const count = parseClampedInteger(args[firstAt + 1]);
  if (count === undefined || count < 1) return badCount;
  return args.length === firstAt + 2 ? count : errors.syntax;
}
