/**
 * TIME: Unix seconds, and the microseconds within the second.
 */
import type { Command } from "../command.ts";

export const timeCommand: Command = {
  name: "time",
  group: "server",
  summary: "Tells the time of the server.",
  since: "2.6.0",
  complexity: "O(1)",
  arity: 1,
  flags: ["loading", "stale", "fast"],
  tips: ["nondeterministic_output"],
  run: (context) => {
    const microseconds = context.server.nowMicroseconds();
    return [String(Math.floor(microseconds / 1_000_000)), String(microseconds % 1_000_000)];
  },
};
