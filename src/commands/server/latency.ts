/**
 * LATENCY: the container of what can be asked about durations. HISTOGRAM is kept for every command;
 * the monitor of single events (LATEST, HISTORY, GRAPH, DOCTOR) has none to tell.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { VerbatimReply } from "../../resp/frame.ts";
import { multiple, optional, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { helpCommand, runContainer } from "../container.ts";
import { latencyHistogramCommand } from "./latency-histogram.ts";

const latencyDoctorCommand: Command = {
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

const latencyGraphCommand: Command = {
  name: "latency|graph",
  group: "server",
  summary: "Draws the latency of an event.",
  since: "2.8.13",
  complexity: "O(1)",
  arity: 3,
  flags: ["admin", "noscript", "loading", "stale"],
  arguments: [string("event")],
  tips: ["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
  run: (_context, args) =>
    new ErrorReply(`ERR No samples available for event '${toBinaryString(args[2]).slice(0, 128)}'`),
};

const latencyHistoryCommand: Command = {
  name: "latency|history",
  group: "server",
  summary: "Lists latency samples of an event.",
  since: "2.8.13",
  complexity: "O(1)",
  arity: 3,
  flags: ["admin", "noscript", "loading", "stale"],
  arguments: [string("event")],
  tips: ["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
  run: () => [],
};

const latencyLatestCommand: Command = {
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

const latencyResetCommand: Command = {
  name: "latency|reset",
  group: "server",
  summary: "Forgets the samples of events.",
  since: "2.8.13",
  complexity: "O(1)",
  arity: -2,
  flags: ["admin", "noscript", "loading", "stale"],
  arguments: [optional(multiple(string("event")))],
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  run: () => 0,
};

export const latencyCommand: Command = {
  name: "latency",
  group: "server",
  summary: "A container for latency diagnostics.",
  since: "2.8.13",
  complexity: "Depends on subcommand.",
  arity: -2,
  flags: [],
  subcommands: [
    latencyDoctorCommand,
    latencyGraphCommand,
    helpCommand("latency", "server", "2.8.13"),
    latencyHistogramCommand,
    latencyHistoryCommand,
    latencyLatestCommand,
    latencyResetCommand,
  ],
  run: runContainer,
};
