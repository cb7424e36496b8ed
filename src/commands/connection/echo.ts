/**
 * ECHO: gives the message back.
 */
import { string } from "../argument.ts";
import type { Command } from "../command.ts";

export const echoCommand: Command = {
  name: "echo",
  group: "connection",
  summary: "Gives the message back.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: 2,
  flags: ["loading", "stale", "fast"],
  arguments: [string("message")],
  run: (_context, args) => args[1],
};
