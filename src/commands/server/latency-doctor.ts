/**
 * LATENCY DOCTOR: single events are not monitored; says where to look instead.
 */
import { VerbatimReply } from "../../resp/frame.ts";
import type { Command } from "../command.ts";

export const latencyDoctorCommand: Command = {
  name: "latency|doctor",
  group: "server",
  summary: "Reports on latency in words.",
  since: "2.8.13",
  complexity: "O(1)",
  arity: 2,
  flags: ["admin", "noscript", "loading", "stale"],
  tips: ["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
  run: () =>
    new VerbatimReply("txt", "No events are monitored; see LATENCY HISTOGRAM and SLOWLOG.\n"),
};
