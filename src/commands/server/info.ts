/**
 * INFO: what clients and dashboards read about the server, by section. Its figures are of this
 * moment and never wait for the log: people need them most when the log is slow.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { VerbatimReply } from "../../resp/frame.ts";
import { multiple, optional, string } from "../argument.ts";
import type { Command } from "../command.ts";

export const infoCommand: Command = {
  name: "info",
  group: "server",
  summary: "Describes the server and its figures.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: -1,
  flags: ["loading", "stale"],
  categories: ["dangerous"],
  arguments: [optional(multiple(string("section")))],
  history: [["7.0.0", "Several sections may be named."]],
  tips: ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
  run: (context, args) => {
    const sections = args.slice(1).map((section) => toBinaryString(section).toLowerCase());
    return new VerbatimReply("txt", context.server.info(sections));
  },
};
