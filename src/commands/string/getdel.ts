/**
 * GETDEL: the value, and then the key is gone.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { key } from "../argument.ts";
import type { Command } from "../command.ts";
import { deleteKey } from "./setting.ts";

export const getdelCommand: Command = {
  name: "getdel",
  group: "string",
  summary: "Returns the string value of a key after deleting the key.",
  since: "6.2.0",
  complexity: "O(1)",
  arity: 2,
  flags: ["write", "fast"],
  keys: [{ flags: ["RW", "access", "delete"], first: 1, last: 1, step: 1 }],
  arguments: [key()],
  valueType: "string",
  run: (context, args) => {
    const name = toBinaryString(args[1]);
    const value = context.lookupString(name);
    if (value === undefined) return null;
    if (value instanceof ErrorReply) return value;
    deleteKey(context, name);
    return value;
  },
};
