/**
 * LASTSAVE: every acknowledged write is in the log, so the last save is always now.
 */
import type { Command } from "../command.ts";

export const lastsaveCommand: Command = {
  name: "lastsave",
  group: "server",
  summary: "Tells when the data was last made durable.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: 1,
  flags: ["loading", "stale", "fast"],
  categories: ["admin", "dangerous"],
  tips: ["nondeterministic_output"],
  run: (context) => Math.floor(context.nowMs / 1000),
};
