/**
 * GETSET: sets a new value and returns the old one.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { key, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { setString } from "./setting.ts";

export const getsetCommand: Command = {
  name: "getset",
  group: "string",
  summary: "Returns the previous string value of a key after setting it to a new value.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: 3,
  flags: ["write", "denyoom", "fast"],
  keys: [{ flags: ["RW", "access", "update"], first: 1, last: 1, step: 1 }],
  arguments: [key(), string("value")],
  deprecatedSince: "6.2.0",
  replacedBy: "`SET` with the `!GET` argument",
  valueType: "string",
  run: (context, args) => {
    const name = toBinaryString(args[1]);
    const value = context.lookupString(name);
    if (value instanceof ErrorReply) return value;
    setString(context, name, args[2], 0);
    return value === undefined ? null : value;
  },
};
