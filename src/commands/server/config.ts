/**
 * CONFIG: the container of what may be read and changed of the configuration.
 */
import type { Command } from "../command.ts";
import { helpCommand, runContainer } from "../container.ts";
import { configGetCommand } from "./config-get.ts";
import { configResetstatCommand } from "./config-resetstat.ts";
import { configRewriteCommand } from "./config-rewrite.ts";
import { configSetCommand } from "./config-set.ts";

export const configCommand: Command = {
  name: "config",
  group: "server",
  summary: "A container for configuration commands.",
  since: "2.0.0",
  complexity: "Depends on subcommand.",
  arity: -2,
  flags: [],
  subcommands: [
    configGetCommand,
    helpCommand("config", "server", "5.0.0"),
    configResetstatCommand,
    configRewriteCommand,
    configSetCommand,
  ],
  run: runContainer,
};
