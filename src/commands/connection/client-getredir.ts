/**
 * CLIENT GETREDIR: where invalidation messages go; -1, because nothing is tracked.
 */
import type { Command } from "../command.ts";

export const clientGetredirCommand: Command = {
  name: "client|getredir",
  group: "connection",
  summary: "Tells the connection that tracking is redirected to.",
  since: "6.0.0",
  complexity: "O(1)",
  arity: 2,
  flags: ["noscript", "loading", "stale"],
  run: () => -1,
};
