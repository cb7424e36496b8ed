/**
 * MODULE: LIST answers what is built in; nothing can be loaded.
 */
import type { Command } from "../command.ts";
import { helpCommand, runContainer } from "../container.ts";
import { moduleListCommand } from "./module-list.ts";
import { moduleLoadCommand } from "./module-load.ts";
import { moduleUnloadCommand } from "./module-unload.ts";

export const moduleCommand: Command = {
  name: "module",
  group: "server",
  summary: "A container for module commands.",
  since: "4.0.0",
  complexity: "Depends on subcommand.",
  arity: -2,
  flags: [],
  subcommands: [
    helpCommand("module", "server", "5.0.0"),
    moduleListCommand,
    moduleLoadCommand,
    moduleUnloadCommand,
  ],
  run: runContainer,
};
