/**
 * ZRANDMEMBER: Returns one or more random members from a sorted set.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { INT64_MAX, INT64_MIN, parseInt64 } from "../../base/int64.ts";
import { limits } from "../../base/limits.ts";
import { block, integer, key, optional, token } from "../argument.ts";
import type { Command } from "../command.ts";
import { type CommandContext, optionName } from "../context.ts";
import { scoredReply } from "./scored-reply.ts";

const noSuchCount = new ErrorReply(
  "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
);
/** Half of the 64 bits, since each member comes with its score. */
const SCORED_COUNT_MAX = INT64_MAX / 2n;
/** Of all members: from here on it is cheaper to shuffle them all. */
const SHUFFLED_SHARE = 1 / 8;

export const zrandmemberCommand: Command = {
  name: "zrandmember",
  group: "sorted_set",
  summary: "Returns one or more random members from a sorted set.",
  since: "6.2.0",
  complexity: "O(N) where N is the number of members returned",
  arity: -2,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key(), optional(block("options", integer("count"), optional(token("WITHSCORES"))))],
  tips: ["nondeterministic_output"],
  valueType: "zset",
  run: (context, args) => {
    const count = args.length === 2 ? undefined : parseInt64(args[2]);
    if (args.length > 2) {
      if (count === undefined) return errors.notAnInteger;
      if (count === INT64_MIN) return noSuchCount;
    }
    const isWithScores = args.length === 4 && optionName(args[3]) === "WITHSCORES";
    if (args.length > 4 || (args.length === 4 && !isWithScores)) return errors.syntax;
    const isTooMany =
      count !== undefined && (count > SCORED_COUNT_MAX || count < -SCORED_COUNT_MAX);
    if (isWithScores && isTooMany) return errors.outOfRange;
    const set = context.lookupSortedSet(toBinaryString(args[1]));
    if (set instanceof ErrorReply) return set;
    if (count === undefined) {
      return set === undefined ? null : set.memberOf(randomBelow(context, set.size));
    }
    if (set === undefined || count === 0n) return [];
    const numbers = pick(context, set.size, Number(count));
    if (numbers instanceof ErrorReply) return numbers;
    const { members, scores } = set.numbered(numbers);
    return isWithScores ? scoredReply(members, scores, context.session.protocol) : members;
  },
};

/** Numbers of members: distinct ones, or with a negative count as they come. */
function pick(context: CommandContext, size: number, count: number): Int32Array | ErrorReply {
  if (count < 0) {
    if (-count > limits.randomMembersMax) return errors.outOfRange;
    const numbers = new Int32Array(-count);
    for (let at = 0; at < numbers.length; at += 1) numbers[at] = randomBelow(context, size);
    return numbers;
  }
  return count > size * SHUFFLED_SHARE
    ? shuffled(context, size, Math.min(count, size))
    : drawn(context, size, count);
}

/** The first of all numbers in a random order. */
function shuffled(context: CommandContext, size: number, count: number): Int32Array {
  const numbers = Int32Array.from({ length: size }, (_, number) => number);
  for (let at = 0; at < count; at += 1) {
    const other = at + randomBelow(context, size - at);
    const number = numbers[at];
    numbers[at] = numbers[other];
    numbers[other] = number;
  }
  return numbers.subarray(0, count);
}

/** Floyd's way: one draw for each, without looking at the others. */
function drawn(context: CommandContext, size: number, count: number): Int32Array {
  const chosen = new Set<number>();
  for (let last = size - count; last < size; last += 1) {
    const number = randomBelow(context, last + 1);
    chosen.add(chosen.has(number) ? last : number);
  }
  return Int32Array.from(chosen);
}

function randomBelow(context: CommandContext, bound: number): number {
  return Math.floor(context.server.random() * bound);
}
