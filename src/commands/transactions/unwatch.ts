/**
 * UNWATCH: forgets every watched key.
 */
import { OK } from "../../resp/frame.ts";
import type { Command } from "../command.ts";

export const unwatchCommand: Command = {
  name: "unwatch",
  group: "transactions",
  summary: "Forgets about watched keys.",
  since: "2.2.0",
  complexity: "O(1)",
  arity: 1,
  flags: ["noscript", "loading", "stale", "fast", "allow_busy"],
  run: (context) => {
    context.session.unwatch();
    return OK;
  },
};
