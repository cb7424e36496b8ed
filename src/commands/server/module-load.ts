/**
 * MODULE LOAD: refused; modules are built in here.
 */
import { multiple, optional, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { noModules } from "./module-refusal.ts";

export const moduleLoadCommand: Command = {
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
