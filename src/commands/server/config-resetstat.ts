/**
 * CONFIG RESETSTAT: the counters of INFO, and the latency histograms, begin anew.
 */
import { OK } from "../../resp/frame.ts";
import type { Command } from "../command.ts";

export const configResetstatCommand: Command = {
  name: "config|resetstat",
  group: "server",
  summary: "Resets the statistics.",
  since: "2.0.0",
  complexity: "O(1)",
  arity: 2,
  flags: ["admin", "noscript", "loading", "stale"],
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  run: (context) => {
    context.server.resetStatistics();
    return OK;
  },
};
