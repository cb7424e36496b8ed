/**
 * HEXISTS: Determines whether a field exists in a hash.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { key, string } from "../argument.ts";
import type { Command } from "../command.ts";

export const hexistsCommand: Command = {
  name: "hexists",
  group: "hash",
  summary: "Determines whether a field exists in a hash.",
  since: "2.0.0",
  complexity: "O(1)",
  arity: 3,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO"], first: 1, last: 1, step: 1 }],
  arguments: [key(), string("field")],
  valueType: "hash",
  run: (context, args) => {
    const hash = context.lookupHash(toBinaryString(args[1]));
    if (hash instanceof ErrorReply) return hash;
    return hash?.has(toBinaryString(args[2])) === true ? 1 : 0;
  },
};
