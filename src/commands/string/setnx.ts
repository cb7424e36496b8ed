/**
 * SETNX: SET with NX, in its older spelling.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { key, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { setString } from "./setting.ts";

export const setnxCommand: Command = {
  name: "setnx",
  group: "string",
  summary: "Sets the string value of a key only when the key is missing.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: 3,
  flags: ["write", "denyoom", "fast"],
  keys: [{ flags: ["OW", "insert"], first: 1, last: 1, step: 1 }],
  arguments: [key(), string("value")],
  deprecatedSince: "2.6.12",
  replacedBy: "`SET` with the `NX` argument",
  run: (context, args) => {
    const name = toBinaryString(args[1]);
    if (context.has(name)) return 0;
    setString(context, name, args[2], 0);
    return 1;
  },
};
