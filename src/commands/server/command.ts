/**
 * COMMAND: the container of what the server tells about its commands; alone, it describes them all.
 * Everything is generated from the declarations.
 */
import type { Command } from "../command.ts";
import { helpCommand } from "../container.ts";
import { commandCountCommand } from "./command-count.ts";
import { commandDescription } from "./command-description.ts";
import { commandDocsCommand } from "./command-docs.ts";
import { commandGetkeysCommand } from "./command-getkeys.ts";
import { commandGetkeysandflagsCommand } from "./command-getkeysandflags.ts";
import { commandInfoCommand } from "./command-info.ts";
import { commandListCommand } from "./command-list.ts";

export const commandCommand: Command = {
  name: "command",
  group: "server",
  summary: "Describes all commands.",
  since: "2.8.13",
  complexity: "O(N) where N is the number of commands",
  arity: -1,
  flags: ["loading", "stale"],
  categories: ["connection"],
  tips: ["nondeterministic_output_order"],
  subcommands: [
    commandCountCommand,
    commandDocsCommand,
    commandGetkeysCommand,
    commandGetkeysandflagsCommand,
    { ...helpCommand("command", "server", "5.0.0"), categories: ["connection"] },
    commandInfoCommand,
    commandListCommand,
  ],
  run: (context) => context.server.commands.topLevel().map(commandDescription),
};
