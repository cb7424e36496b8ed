/**
 * ROLE: this node is the primary; the number is the newest durable record.
 */
import type { Command } from "../command.ts";

export const roleCommand: Command = {
  name: "role",
  group: "server",
  summary: "Tells the role of the node.",
  since: "2.8.12",
  complexity: "O(1)",
  arity: 1,
  flags: ["noscript", "loading", "stale", "fast"],
  categories: ["admin", "dangerous"],
  run: (context) => ["master", context.server.durableSequence, []],
};
