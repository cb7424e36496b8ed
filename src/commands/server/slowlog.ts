/**
 * SLOWLOG: the container of the log of slow commands.
 */
import type { Command } from "../command.ts";
import { helpCommand, runContainer } from "../container.ts";
import { slowlogGetCommand } from "./slowlog-get.ts";
import { slowlogLenCommand } from "./slowlog-len.ts";
import { slowlogResetCommand } from "./slowlog-reset.ts";

export const slowlogCommand: Command = {
  name: "slowlog",
  group: "server",
  summary: "A container for slow log commands.",
  since: "2.2.12",
  complexity: "Depends on subcommand.",
  arity: -2,
  flags: [],
  subcommands: [
    slowlogGetCommand,
    helpCommand("slowlog", "server", "6.2.0"),
    slowlogLenCommand,
    slowlogResetCommand,
  ],
  run: runContainer,
};
