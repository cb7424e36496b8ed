/**
 * LATENCY GRAPH: no event has samples to draw.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { string } from "../argument.ts";
import type { Command } from "../command.ts";

export const latencyGraphCommand: Command = {
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
