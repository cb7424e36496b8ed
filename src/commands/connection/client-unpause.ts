/**
 * CLIENT UNPAUSE: ends a CLIENT PAUSE.
 */
import { OK } from "../../resp/frame.ts";
import type { Command } from "../command.ts";

export const clientUnpauseCommand: Command = {
  name: "client|unpause",
  group: "connection",
  summary: "Resumes the processing of commands.",
  since: "6.2.0",
  complexity: "O(N) where N is the number of paused clients",
  arity: 2,
  flags: ["admin", "noscript", "loading", "stale"],
  run: (context) => {
    context.server.clients.unpause();
    return OK;
  },
};
