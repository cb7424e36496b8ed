/**
 * HSTRLEN: Returns the length of the value of a field.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { key, string } from "../argument.ts";
import type { Command } from "../command.ts";

export const hstrlenCommand: Command = {
  name: "hstrlen",
  group: "hash",
  summary: "Returns the length of the value of a field.",
  since: "3.2.0",
  complexity: "O(1)",
  arity: 3,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO"], first: 1, last: 1, step: 1 }],
  arguments: [key(), string("field")],
  valueType: "hash",
  run: (context, args) => {
    const hash = context.lookupHash(toBinaryString(args[1]));
    if (hash instanceof ErrorReply) return hash;
    return hash?.held(toBinaryString(args[2]))?.length ?? 0;
  },
};
