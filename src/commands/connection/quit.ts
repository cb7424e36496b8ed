/**
 * QUIT: closes the connection after the replies to everything before it.
 */
import { OK } from "../../resp/frame.ts";
import type { Command } from "../command.ts";

export const quitCommand: Command = {
  name: "quit",
  group: "connection",
  summary: "Closes the connection.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: -1,
  flags: ["noscript", "loading", "stale", "fast", "no_auth", "allow_busy"],
  deprecatedSince: "7.2.0",
  replacedBy: "just closing the connection",
  runsInsideMulti: true,
  run: (context) => {
    context.session.closeAfterReply();
    return OK;
  },
};
