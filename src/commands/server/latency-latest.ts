/**
 * LATENCY LATEST: no event has been seen.
 */
import type { Command } from "../command.ts";

export const latencyLatestCommand: Command = {
  name: "latency|latest",
  group: "server",
  summary: "Lists the latest latency samples.",
  since: "2.8.13",
  complexity: "O(1)",
  arity: 2,
  flags: ["admin", "noscript", "loading", "stale"],
  tips: ["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
  run: () => [],
};
