/**
 * MODULE UNLOAD: refused; modules are built in here.
 */
import { string } from "../argument.ts";
import type { Command } from "../command.ts";
import { noModules } from "./module-refusal.ts";

export const moduleUnloadCommand: Command = {
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
