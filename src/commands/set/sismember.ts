/**
 * SISMEMBER: Determines whether a member belongs to a set.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { key, string } from "../argument.ts";
import type { Command } from "../command.ts";

export const sismemberCommand: Command = {
  name: "sismember",
  group: "set",
  summary: "Determines whether a member belongs to a set.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: 3,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO"], first: 1, last: 1, step: 1 }],
  arguments: [key(), string("member")],
  valueType: "set",
  run: (context, args) => {
    const set = context.lookupSet(toBinaryString(args[1]));
    if (set instanceof ErrorReply) return set;
    return set?.has(toBinaryString(args[2])) === true ? 1 : 0;
  },
};
