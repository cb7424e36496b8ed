/**
 * LLEN: Returns the length of a list.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { key } from "../argument.ts";
import type { Command } from "../command.ts";

export const llenCommand: Command = {
  name: "llen",
  group: "list",
  summary: "Returns the length of a list.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO"], first: 1, last: 1, step: 1 }],
  arguments: [key()],
  valueType: "list",
  run: (context, args) => {
    const list = context.lookupList(toBinaryString(args[1]));
    if (list instanceof ErrorReply) return list;
    return list?.length ?? 0;
  },
};
