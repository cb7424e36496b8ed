/**
 * XGROUP: the container of what makes and changes consumer groups.
 */
import type { Command } from "../command.ts";
import { helpCommand, runContainer } from "../container.ts";
import { xgroupCreateCommand } from "./xgroup-create.ts";
import { xgroupCreateconsumerCommand } from "./xgroup-createconsumer.ts";
import { xgroupDelconsumerCommand } from "./xgroup-delconsumer.ts";
import { xgroupDestroyCommand } from "./xgroup-destroy.ts";
import { xgroupSetidCommand } from "./xgroup-setid.ts";

export const xgroupCommand: Command = {
  name: "xgroup",
  group: "stream",
  summary: "A container for consumer groups commands.",
  since: "5.0.0",
  complexity: "Depends on subcommand.",
  arity: -2,
  flags: [],
  subcommands: [
    xgroupCreateCommand,
    xgroupCreateconsumerCommand,
    xgroupDelconsumerCommand,
    xgroupDestroyCommand,
    helpCommand("xgroup", "stream", "5.0.0"),
    xgroupSetidCommand,
  ],
  run: runContainer,
};
