/**
 * CLIENT GETNAME: the name that CLIENT SETNAME or HELLO gave, or null.
 */
import type { Command } from "../command.ts";

export const clientGetnameCommand: Command = {
  name: "client|getname",
  group: "connection",
  summary: "Tells the name of the connection.",
  since: "2.6.9",
  complexity: "O(1)",
  arity: 2,
  flags: ["noscript", "loading", "stale"],
  run: (context) => (context.session.name === "" ? null : context.session.name),
};
