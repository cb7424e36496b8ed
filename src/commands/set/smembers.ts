/**
 * SMEMBERS: Returns all members of a set.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { SetReply } from "../../resp/frame.ts";
import { key } from "../argument.ts";
import type { Command } from "../command.ts";

export const smembersCommand: Command = {
  name: "smembers",
  group: "set",
  summary: "Returns all members of a set.",
  since: "1.0.0",
  complexity: "O(N) where N is the set cardinality.",
  arity: 2,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key()],
  tips: ["nondeterministic_output_order"],
  valueType: "set",
  run: (context, args) => {
    const set = context.lookupSet(toBinaryString(args[1]));
    if (set instanceof ErrorReply) return set;
    return new SetReply(set === undefined ? [] : [...set]);
  },
};
