/**
 * SCARD: Returns the number of members in a set.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { key } from "../argument.ts";
import type { Command } from "../command.ts";

export const scardCommand: Command = {
  name: "scard",
  group: "set",
  summary: "Returns the number of members in a set.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO"], first: 1, last: 1, step: 1 }],
  arguments: [key()],
  valueType: "set",
  run: (context, args) => {
    const set = context.lookupSet(toBinaryString(args[1]));
    return set instanceof ErrorReply ? set : (set?.size ?? 0);
  },
};
