/**
 * COMMAND GETKEYSANDFLAGS: the keys that a whole call would touch, with what it does to them.
 */
import { ErrorReply } from "../../base/errors.ts";
import { SetReply, SimpleString } from "../../resp/frame.ts";
import { multiple, optional, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { keysOf } from "./command-keys.ts";

export const commandGetkeysandflagsCommand: Command = {
  name: "command|getkeysandflags",
  group: "server",
  summary: "Extracts the keys of a call, with what it does to them.",
  since: "7.0.0",
  complexity: "O(N) where N is the number of arguments",
  arity: -3,
  flags: ["loading", "stale"],
  categories: ["connection"],
  arguments: [string("command"), optional(multiple(string("arg")))],
  run: (context, args) => {
    const uses = keysOf(context, args);
    if (uses instanceof ErrorReply) return uses;
    return uses.map((use) => [
      use.key,
      new SetReply(use.flags.map((flag) => new SimpleString(flag))),
    ]);
  },
};
