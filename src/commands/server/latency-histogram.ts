/**
 * LATENCY HISTOGRAM: for each command how many calls took at most 1, 2, 4, 8, … microseconds.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { MapReply, type Reply } from "../../resp/frame.ts";
import { multiple, optional, string } from "../argument.ts";
import type { Command } from "../command.ts";

export const latencyHistogramCommand: Command = {
  name: "latency|histogram",
  group: "server",
  summary: "Tells the distribution of latencies of commands.",
  since: "7.0.0",
  complexity: "O(N) where N is the number of commands",
  arity: -2,
  flags: ["admin", "noscript", "loading", "stale"],
  arguments: [optional(multiple(string("command")))],
  tips: ["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
  run: (context, args) => {
    const wanted = new Set(args.slice(2).map((name) => toBinaryString(name).toLowerCase()));
    const entries: Reply[] = [];
    for (const latency of context.server.latencies()) {
      const container = latency.name.split("|")[0];
      if (wanted.size > 0 && !wanted.has(latency.name) && !wanted.has(container)) continue;
      entries.push(
        latency.name,
        new MapReply([
          "calls",
          latency.callCount,
          "histogram_usec",
          new MapReply(latency.histogram),
        ]),
      );
    }
    return new MapReply(entries);
  },
};
