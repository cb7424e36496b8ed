/**
 * HGETALL: Returns all fields and values in a hash.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { MapReply } from "../../resp/frame.ts";
import { key } from "../argument.ts";
import type { Command } from "../command.ts";

export const hgetallCommand: Command = {
  name: "hgetall",
  group: "hash",
  summary: "Returns all fields and values in a hash.",
  since: "2.0.0",
  complexity: "O(N) where N is the size of the hash",
  arity: 2,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key()],
  tips: ["nondeterministic_output_order"],
  valueType: "hash",
  run: (context, args) => {
    const hash = context.lookupHash(toBinaryString(args[1]));
    if (hash instanceof ErrorReply) return hash;
    return new MapReply(hash?.flatPairs() ?? []);
  },
};
