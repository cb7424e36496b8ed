/**
 * HMGET: Returns the values of several fields in a hash.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import type { Reply } from "../../resp/frame.ts";
import { key, multiple, string } from "../argument.ts";
import type { Command } from "../command.ts";

export const hmgetCommand: Command = {
  name: "hmget",
  group: "hash",
  summary: "Returns the values of several fields in a hash.",
  since: "2.0.0",
  complexity: "O(N) where N is the number of fields being requested",
  arity: -3,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key(), multiple(string("field"))],
  valueType: "hash",
  run: (context, args) => {
    const hash = context.lookupHash(toBinaryString(args[1]));
    if (hash instanceof ErrorReply) return hash;
    const values: Reply[] = [];
    for (let index = 2; index < args.length; index += 1) {
      values.push(hash?.get(toBinaryString(args[index])) ?? null);
    }
    return values;
  },
};
