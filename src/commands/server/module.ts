/**
 * MODULE: LIST answers what is built in; nothing can be loaded.
 */
import { ErrorReply } from "../../base/errors.ts";
import { multiple, optional, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { helpCommand, runContainer } from "../container.ts";
import { moduleListCommand } from "./module-list.ts";

const noModules = new ErrorReply("ERR this server has its modules built in and loads no others");

const moduleLoadCommand: Command = {
  name: "module|load",
  group: "server",
  summary: "Loads a module; refused here.",
  since: "4.0.0",
  complexity: "O(1)",
  arity: -3,
  flags: ["admin", "noscript", "no_async_loading"],
  arguments: [string("path"), optional(multiple(string("arg")))],
  run: () => noModules,
};

const moduleUnloadCommand: Command = {
  name: "module|unload",
  group: "server",
  summary: "Unloads a module; refused here.",
  since: "4.0.0",
  complexity: "O(1)",
  arity: 3,
  flags: ["admin", "noscript", "no_async_loading"],
  arguments: [string("name")],
  run: () => noModules,
};

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
