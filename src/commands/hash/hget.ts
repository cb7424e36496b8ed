/**
 * HGET: Returns the value of a field in a hash.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { key, string } from "../argument.ts";
import type { Command } from "../command.ts";

export const hgetCommand: Command = {
  name: "hget",
  group: "hash",
  summary: "Returns the value of a field in a hash.",
  since: "2.0.0",
  complexity: "O(1)",
  arity: 3,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key(), string("field")],
  valueType: "hash",
  run: (context, args) => {
    const hash = context.lookupHash(toBinaryString(args[1]));
    if (hash === undefined) return null;
    if (hash instanceof ErrorReply) return hash;
    return hash.get(toBinaryString(args[2])) ?? null;
  },
};
