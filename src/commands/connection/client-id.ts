/**
 * CLIENT ID: the number of this connection; never used again while the server runs.
 */
import type { Command } from "../command.ts";

export const clientIdCommand: Command = {
  name: "client|id",
  group: "connection",
  summary: "Tells the unique id of the connection.",
  since: "5.0.0",
  complexity: "O(1)",
  arity: 2,
  flags: ["noscript", "loading", "stale"],
  run: (context) => context.session.id,
};
