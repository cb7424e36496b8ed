/**
 * SMISMEMBER: Determines whether multiple members belong to a set.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { key, multiple, string } from "../argument.ts";
import type { Command } from "../command.ts";

export const smismemberCommand: Command = {
  name: "smismember",
  group: "set",
  summary: "Determines whether multiple members belong to a set.",
  since: "6.2.0",
  complexity: "O(N) where N is the number of elements being checked for membership",
  arity: -3,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key(), multiple(string("member"))],
  valueType: "set",
  run: (context, args) => {
    const set = context.lookupSet(toBinaryString(args[1]));
    if (set instanceof ErrorReply) return set;
    const found = new Array<number>(args.length - 2);
    for (let index = 2; index < args.length; index += 1) {
      found[index - 2] = set?.has(toBinaryString(args[index])) === true ? 1 : 0;
    }
    return found;
  },
};
