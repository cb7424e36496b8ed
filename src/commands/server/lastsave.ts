/**
 * LASTSAVE: when the newest snapshot was made. Acknowledged writes are in the log long before;
 * where that is in memory, which keeps nothing, it is now.
 */
import type { Command } from "../command.ts";

export const lastsaveCommand: Command = {
  name: "lastsave",
  group: "server",
  summary: "Returns the Unix timestamp of the last successful save to disk.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: 1,
  flags: ["loading", "stale", "fast"],
  categories: ["admin", "dangerous"],
  tips: ["nondeterministic_output"],
  run: ({ server, nowMs }) =>
    Math.floor((server.snapshots?.figures().lastSavedAtMs ?? nowMs) / 1000),
};
