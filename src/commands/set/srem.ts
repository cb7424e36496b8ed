/**
 * SREM: Removes one or more members from a set. Deletes the set if the last member was removed.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { key, multiple, string } from "../argument.ts";
import type { Command } from "../command.ts";

export const sremCommand: Command = {
  name: "srem",
  group: "set",
  summary:
    "Removes one or more members from a set. Deletes the set if the last member was removed.",
  since: "1.0.0",
  complexity: "O(N) where N is the number of members to be removed.",
  arity: -3,
  flags: ["write", "fast"],
  keys: [{ flags: ["RW", "delete"], first: 1, last: 1, step: 1 }],
  arguments: [key(), multiple(string("member"))],
  history: [["2.4.0", "Accepts multiple `member` arguments."]],
  valueType: "set",
  run: (context, args) => {
    const { database } = context;
    const name = toBinaryString(args[1]);
    const set = context.lookupSet(name);
    if (set instanceof ErrorReply) return set;
    if (set === undefined) return 0;
    const members = new Set<string>();
    for (let index = 2; index < args.length; index += 1) {
      const member = toBinaryString(args[index]);
      if (set.has(member)) members.add(member);
    }
    if (members.size === 0) return 0;
    context.apply({ id: EffectId.setRemove, database, key: name, members: [...members] });
    return members.size;
  },
};
