/**
 * LATENCY LATEST: of each event its name, the newest second, its milliseconds, and the worst ever.
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
  run: (context) =>
    context.server.latencyEvents.all().map(({ name, samples, worstMs }) => {
      const last = samples[samples.length - 1];
      return [name, last.atSeconds, last.durationMs, worstMs];
    }),
};
