/**
 * ZRANDMEMBER: Returns one or more random members from a sorted set.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { INT64_MAX, INT64_MIN, parseInt64 } from "../../base/int64.ts";
import { limits } from "../../base/limits.ts";
import type { SortedSetValue } from "../../keyspace/sorted-set-value.ts";
import { block, integer, key, optional, token } from "../argument.ts";
import type { Command } from "../command.ts";
import { type CommandContext, optionName } from "../context.ts";
import { scoredReply } from "./scored-reply.ts";

const noSuchCount = new ErrorReply(
  "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
);
/** Half of the 64 bits, since each member comes with its score. */
const SCORED_COUNT_MAX = INT64_MAX / 2n;

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
    const members = pick(context, set, Number(count));
    if (members instanceof ErrorReply || !isWithScores) return members;
    const scores = members.map((member) => set.score(member) ?? 0);
    return scoredReply(members, scores, context.session.protocol);
  },
};

function pick(context: CommandContext, set: SortedSetValue, count: number): string[] | ErrorReply {
  const { size } = set;
  if (count < 0) {
    if (-count > limits.randomMembersMax) return errors.outOfRange;
    return Array.from({ length: -count }, () => set.memberOf(randomBelow(context, size)));
  }
  if (count >= size) return set.slice(size - 1, size, true).members;
  return [...distinctBelow(context, size, count)].map((number) => set.memberOf(number));
}

/** Floyd's way: as many draws as members, whatever their share. */
function distinctBelow(context: CommandContext, size: number, count: number): Set<number> {
  const chosen = new Set<number>();
  for (let last = size - count; last < size; last += 1) {
    const number = randomBelow(context, last + 1);
    chosen.add(chosen.has(number) ? last : number);
  }
  return chosen;
}

function randomBelow(context: CommandContext, bound: number): number {
  return Math.floor(context.server.random() * bound);
}
