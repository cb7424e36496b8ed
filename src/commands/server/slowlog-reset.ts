/**
 * SLOWLOG RESET: forgets every entry.
 */
import { OK } from "../../resp/frame.ts";
import type { Command } from "../command.ts";

export const slowlogResetCommand: Command = {
  name: "slowlog|reset",
  group: "server",
  summary: "Clears the slow log.",
  since: "2.2.12",
  complexity: "O(N) where N is the number of entries",
  arity: 2,
  flags: ["admin", "loading", "stale"],
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  run: (context) => {
    context.server.slowLog.reset();
    return OK;
  },
};
