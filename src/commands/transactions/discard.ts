/**
 * DISCARD: forgets what was queued, and what was watched.
 */
import { errors } from "../../base/errors.ts";
import { OK } from "../../resp/frame.ts";
import type { Command } from "../command.ts";

export const discardCommand: Command = {
  name: "discard",
  group: "transactions",
  summary: "Discards a transaction.",
  since: "2.0.0",
  complexity: "O(N), when N is the number of queued commands",
  arity: 1,
  flags: ["noscript", "loading", "stale", "fast", "allow_busy"],
  runsInsideMulti: true,
  run: (context) => {
    if (!context.session.isInTransaction) return errors.discardWithoutMulti;
    context.session.discardTransaction();
    return OK;
  },
};
