/**
 * LATENCY RESET: there are no samples to forget, so none are.
 */
import { multiple, optional, string } from "../argument.ts";
import type { Command } from "../command.ts";

export const latencyResetCommand: Command = {
  name: "latency|reset",
  group: "server",
  summary: "Forgets the samples of events.",
  since: "2.8.13",
  complexity: "O(1)",
  arity: -2,
  flags: ["admin", "noscript", "loading", "stale"],
  arguments: [optional(multiple(string("event")))],
  tips: ["request_policy:all_nodes", "response_policy:agg_sum"],
  run: () => 0,
};
