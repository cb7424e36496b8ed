/**
 * MODULE LIST: search is built in; clients look for it under the name of the module that it is
 * elsewhere.
 */
import { MapReply, type Reply } from "../../resp/frame.ts";
import type { Command } from "../command.ts";

/** Clients send FT.* commands from this version on. */
const SEARCH_MODULE_VERSION = 21_020;

export function loadedModules(): Reply[] {
  return [
    new MapReply(["name", "search", "ver", SEARCH_MODULE_VERSION, "path", "built in", "args", []]),
  ];
}

export const moduleListCommand: Command = {
  name: "module|list",
  group: "server",
  summary: "Lists the modules.",
  since: "4.0.0",
  complexity: "O(N) where N is the number of modules",
  arity: 2,
  flags: ["admin", "noscript"],
  tips: ["nondeterministic_output_order"],
  run: () => loadedModules(),
};
