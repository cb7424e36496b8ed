/**
 * LATENCY HISTORY: the samples of an event, oldest first: second of Unix time, milliseconds.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { string } from "../argument.ts";
import type { Command } from "../command.ts";

export const latencyHistoryCommand: Command = {
  name: "latency|history",
  group: "server",
  summary: "Lists latency samples of an event.",
  since: "2.8.13",
  complexity: "O(1)",
  arity: 3,
  flags: ["admin", "noscript", "loading", "stale"],
  arguments: [string("event")],
  tips: ["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
  run: (context, args) => {
    const event = context.server.latencyEvents.find(toBinaryString(args[2]));
    return event?.samples.map(({ atSeconds, durationMs }) => [atSeconds, durationMs]) ?? [];
  },
};
