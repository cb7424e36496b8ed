/**
 * SLOWLOG LEN: how many entries there are.
 */
import type { Command } from "../command.ts";

export const slowlogLenCommand: Command = {
  name: "slowlog|len",
  group: "server",
  summary: "Counts the entries of the slow log.",
  since: "2.2.12",
  complexity: "O(1)",
  arity: 2,
  flags: ["admin", "loading", "stale"],
  tips: ["request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"],
  run: (context) => context.server.slowLog.count(),
};
