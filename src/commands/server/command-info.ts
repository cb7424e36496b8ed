/**
 * COMMAND INFO: describes the named commands, or all; null for one that does not exist.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { multiple, optional, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { commandDescription } from "./command-description.ts";

export const commandInfoCommand: Command = {
  name: "command|info",
  group: "server",
  summary: "Describes one, several or all commands.",
  since: "2.8.13",
  complexity: "O(N) where N is the number of commands to look up",
  arity: -2,
  flags: ["loading", "stale"],
  categories: ["connection"],
  arguments: [optional(multiple(string("command-name")))],
  history: [["7.0.0", "No name at all means every command."]],
  tips: ["nondeterministic_output_order"],
  run: (context, args) => {
    const commands = context.server.commands;
    if (args.length === 2) return commands.topLevel().map(commandDescription);
    return args.slice(2).map((name) => {
      const command = commands.find(toBinaryString(name));
      return command === undefined ? null : commandDescription(command);
    });
  },
};
