/**
 * MULTI: from here on commands are queued, until EXEC or DISCARD.
 */
import { errors } from "../../base/errors.ts";
import { OK } from "../../resp/frame.ts";
import type { Command } from "../command.ts";

export const multiCommand: Command = {
  name: "multi",
  group: "transactions",
  summary: "Starts a transaction.",
  since: "1.2.0",
  complexity: "O(1)",
  arity: 1,
  flags: ["noscript", "loading", "stale", "fast", "allow_busy"],
  runsInsideMulti: true,
  run: (context) => {
    if (context.session.isInTransaction) return errors.nestedMulti;
    context.session.beginTransaction();
    return OK;
  },
};
