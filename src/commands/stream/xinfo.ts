/**
 * XINFO: the container of what shows streams, their groups and consumers.
 */
import type { Command } from "../command.ts";
import { helpCommand, runContainer } from "../container.ts";
import { xinfoConsumersCommand } from "./xinfo-consumers.ts";
import { xinfoGroupsCommand } from "./xinfo-groups.ts";
import { xinfoStreamCommand } from "./xinfo-stream.ts";

export const xinfoCommand: Command = {
  name: "xinfo",
  group: "stream",
  summary: "A container for stream introspection commands.",
  since: "5.0.0",
  complexity: "Depends on subcommand.",
  arity: -2,
  flags: [],
  subcommands: [
    xinfoConsumersCommand,
    xinfoGroupsCommand,
    helpCommand("xinfo", "stream", "5.0.0"),
    xinfoStreamCommand,
  ],
  run: runContainer,
};
