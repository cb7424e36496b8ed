/**
 * STRLEN: how many bytes a string has.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { key } from "../argument.ts";
import type { Command } from "../command.ts";

export const strlenCommand: Command = {
  name: "strlen",
  group: "string",
  summary: "Returns the length of a string value.",
  since: "2.2.0",
  complexity: "O(1)",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO"], first: 1, last: 1, step: 1 }],
  arguments: [key()],
  valueType: "string",
  run: (context, args) => {
    const value = context.borrowString(toBinaryString(args[1]));
    if (value instanceof ErrorReply) return value;
    return value === undefined ? 0 : value.length;
  },
};
