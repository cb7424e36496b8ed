/**
 * CLIENT INFO: the line of CLIENT LIST about this connection.
 */
import { VerbatimReply } from "../../resp/frame.ts";
import type { Command } from "../command.ts";

export const clientInfoCommand: Command = {
  name: "client|info",
  group: "connection",
  summary: "Describes this connection.",
  since: "6.2.0",
  complexity: "O(1)",
  arity: 2,
  flags: ["noscript", "loading", "stale"],
  tips: ["nondeterministic_output"],
  run: (context) =>
    new VerbatimReply("txt", `${context.server.clients.describe(context.session)}\n`),
};
