/**
 * HLEN: Returns the number of fields in a hash.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { key } from "../argument.ts";
import type { Command } from "../command.ts";

export const hlenCommand: Command = {
  name: "hlen",
  group: "hash",
  summary: "Returns the number of fields in a hash.",
  since: "2.0.0",
  complexity: "O(1)",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO"], first: 1, last: 1, step: 1 }],
  arguments: [key()],
  valueType: "hash",
  run: (context, args) => {
    const hash = context.lookupHash(toBinaryString(args[1]));
    if (hash instanceof ErrorReply) return hash;
    return hash?.size ?? 0;
  },
};
