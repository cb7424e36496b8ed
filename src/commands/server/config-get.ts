/**
 * CONFIG GET: every parameter whose name matches one of the patterns, with its value.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { MapReply } from "../../resp/frame.ts";
import { multiple, string } from "../argument.ts";
import type { Command } from "../command.ts";

export const configGetCommand: Command = {
  name: "config|get",
  group: "server",
  summary: "Tells the values of parameters.",
  since: "2.0.0",
  complexity: "O(N) when N is the number of parameters",
  arity: -3,
  flags: ["admin", "noscript", "loading", "stale"],
  arguments: [multiple(string("parameter"))],
  history: [["7.0.0", "Several parameters in one call."]],
  run: (context, args) => {
    const patterns = args.slice(2).map((pattern) => toBinaryString(pattern).toLowerCase());
    return new MapReply(context.server.configuration.get(patterns).flat());
  },
};
