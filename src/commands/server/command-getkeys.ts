/**
 * COMMAND GETKEYS: the keys that a whole call would touch, from the declarations.
 */
import { ErrorReply } from "../../base/errors.ts";
import { multiple, optional, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { keysOf } from "./command-keys.ts";

export const commandGetkeysCommand: Command = {
  name: "command|getkeys",
  group: "server",
  summary: "Extracts the keys of a call.",
  since: "2.8.13",
  complexity: "O(N) where N is the number of arguments",
  arity: -3,
  flags: ["loading", "stale"],
  categories: ["connection"],
  arguments: [string("command"), optional(multiple(string("arg")))],
  run: (context, args) => {
    const uses = keysOf(context, args);
    return uses instanceof ErrorReply ? uses : uses.map((use) => use.key);
  },
};
