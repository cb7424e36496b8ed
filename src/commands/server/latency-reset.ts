/**
 * LATENCY RESET: forgets the samples of these events, or of all; how many there were.
 */
import { toBinaryString } from "../../base/bytes.ts";
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
  run: (context, args) => {
    const { latencyEvents } = context.server;
    const all = latencyEvents.all().map(({ name }) => name);
    const names = args.length === 2 ? all : args.slice(2).map(toBinaryString);
    return names.filter((name) => latencyEvents.reset(name)).length;
  },
};
