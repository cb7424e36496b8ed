/**
 * CONFIG REWRITE: writes the present parameters into the configuration file.
 */
import { OK } from "../../resp/frame.ts";
import type { Command } from "../command.ts";

export const configRewriteCommand: Command = {
  name: "config|rewrite",
  group: "server",
  summary: "Writes the configuration file anew.",
  since: "2.8.0",
  complexity: "O(1)",
  arity: 2,
  flags: ["admin", "noscript", "loading", "stale"],
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  run: (context) => context.server.configuration.rewrite() ?? OK,
};
