/**
 * SRANDMEMBER: random members; with a negative count the same one may come more than once.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { INT64_MAX, parseInt64 } from "../../base/int64.ts";
import { limits } from "../../base/limits.ts";
import type { Reply } from "../../resp/frame.ts";
import { integer, key, optional, since } from "../argument.ts";
import type { Command } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { distinctMembers, randomMember, repeatedMembers } from "./random-members.ts";

const badRange = new ErrorReply(
  `ERR value is out of range, value must between -${INT64_MAX} and ${INT64_MAX}`,
);

export const srandmemberCommand: Command = {
  name: "srandmember",
  group: "set",
  summary: "Get one or multiple random members from a set.",
  since: "1.0.0",
  complexity:
    "Without the count argument O(1), otherwise O(N) where N is the absolute value of the passed count.",
  arity: -2,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key(), optional(since("2.6.0", integer("count")))],
  history: [["2.6.0", "Added the optional `count` argument."]],
  tips: ["nondeterministic_output"],
  valueType: "set",
  run: (context, args) => {
    if (args.length > 3) return errors.syntax;
    const name = toBinaryString(args[1]);
    if (args.length === 3) return many(context, name, args[2]);
    const set = context.lookupSet(name);
    if (set instanceof ErrorReply) return set;
    return set === undefined ? null : randomMember(context, set);
  },
};

function many(context: CommandContext, name: string, argument: Bytes): Reply {
  const wide = parseInt64(argument);
  if (wide === undefined) return errors.notAnInteger;
  if (wide < -INT64_MAX) return badRange;
  const set = context.lookupSet(name);
  if (set instanceof ErrorReply) return set;
  const count = Number(wide);
  if (set === undefined || count === 0) return [];
  if (count > 0) {
    return count >= set.size ? [...set] : distinctMembers(context, set, count);
  }
  if (-count > limits.randomFieldsMax) return errors.outOfRange;
  return repeatedMembers(context, set, -count);
}
