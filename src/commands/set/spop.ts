/**
 * SPOP: random members, which leave the set. What was chosen is in the effect.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { stringSize, stringsSize } from "../../keyspace/restored-value.ts";
import { type Reply, SetReply } from "../../resp/frame.ts";
import { integer, key, optional, since } from "../argument.ts";
import type { Command } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { parseClampedInteger } from "../integer-argument.ts";
import { distinctMembers, randomMember } from "./random-members.ts";

export const spopCommand: Command = {
  name: "spop",
  group: "set",
  summary:
    "Returns one or more random members from a set after removing them. Deletes the set if the last member was popped.",
  since: "1.0.0",
  complexity:
    "Without the count argument O(1), otherwise O(N) where N is the value of the passed count.",
  arity: -2,
  flags: ["write", "fast"],
  keys: [{ flags: ["RW", "access", "delete"], first: 1, last: 1, step: 1 }],
  arguments: [key(), optional(since("3.2.0", integer("count")))],
  history: [["3.2.0", "Added the `count` argument."]],
  tips: ["nondeterministic_output"],
  valueType: "set",
  run: (context, args) => {
    if (args.length > 3) return errors.syntax;
    const name = toBinaryString(args[1]);
    return args.length === 3 ? popMany(context, name, args[2]) : popOne(context, name);
  },
};

function popOne(context: CommandContext, name: string): Reply {
  const { database } = context;
  const set = context.lookupSet(name);
  if (set instanceof ErrorReply) return set;
  if (set === undefined) return null;
  const member = randomMember(context, set);
  if (!context.takeRoom(stringSize(member))) return errors.unitTooLarge;
  context.apply({ id: EffectId.setRemove, database, key: name, members: [member] });
  return member;
}

function popMany(context: CommandContext, name: string, argument: Bytes): Reply {
  const { database } = context;
  const count = parseClampedInteger(argument);
  if (count === undefined || count < 0) return errors.mustBePositive;
  const set = context.lookupSet(name);
  if (set instanceof ErrorReply) return set;
  if (set === undefined || count === 0) return new SetReply([]);
  if (count >= set.size) {
    const all = [...set];
    context.apply({ id: EffectId.keyDelete, database, key: name, reason: "deleted" });
    return new SetReply(all);
  }
  const members = distinctMembers(context, set, count);
  if (!context.takeRoom(stringsSize(members))) return errors.unitTooLarge;
  context.apply({ id: EffectId.setRemove, database, key: name, members });
  return new SetReply(members);
}
