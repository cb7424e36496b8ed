/**
 * GET: the value of a key.
 */

import { toBinaryString } from "../../base/bytes.ts";
import { key } from "../argument.ts";
import type { Command } from "../command.ts";

export const getCommand: Command = {
  name: "get",
  group: "string",
  summary: "Returns the string value of a key.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key()],
  valueType: "string",
  run: (context, args) => {
    const value = context.lookupString(toBinaryString(args[1]));
    return value === undefined ? null : value;
  },
};
