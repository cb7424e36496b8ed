/**
 * COMMAND COUNT: how many commands there are, without subcommands.
 */
import type { Command } from "../command.ts";

export const commandCountCommand: Command = {
  name: "command|count",
  group: "server",
  summary: "Counts the commands.",
  since: "2.8.13",
  complexity: "O(1)",
  arity: 2,
  flags: ["loading", "stale"],
  categories: ["connection"],
  run: (context) => context.server.commands.topLevel().length,
};
