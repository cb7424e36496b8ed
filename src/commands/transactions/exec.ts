/**
 * EXEC: runs what was queued as one unit: all of it is in the log, or nothing.
 */
import type { Command } from "../command.ts";

export const execCommand: Command = {
  name: "exec",
  group: "transactions",
  summary: "Executes all commands of a transaction.",
  since: "1.2.0",
  complexity: "Depends on commands in the transaction",
  arity: 1,
  flags: ["noscript", "loading", "stale", "skip_slowlog"],
  runsInsideMulti: true,
  run: (context) => context.session.executeTransaction(),
};
