/**
 * SHUTDOWN: ends the server once everything acknowledged is durable, which it is. NOSAVE and SAVE
 * make no difference; NOW closes connections without waiting for their replies to leave.
 */
import { type ErrorReply, errors } from "../../base/errors.ts";
import { NO_REPLY, OK } from "../../resp/frame.ts";
import { oneOf, optional, since, token } from "../argument.ts";
import type { Command } from "../command.ts";
import { optionName } from "../context.ts";

const SHUTDOWN_WORDS = new Set(["NOSAVE", "SAVE", "NOW", "FORCE", "ABORT"]);

export const shutdownCommand: Command = {
  name: "shutdown",
  group: "server",
  summary: "Shuts the server down.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: -1,
  flags: ["admin", "noscript", "loading", "stale", "no_multi", "allow_busy"],
  arguments: [
    optional(oneOf("save-selector", token("NOSAVE"), token("SAVE"))),
    since("7.0.0", optional(token("NOW"))),
    since("7.0.0", optional(token("FORCE"))),
    since("7.0.0", optional(token("ABORT"))),
  ],
  history: [["7.0.0", "NOW, FORCE and ABORT."]],
  run: (context, args) => {
    const words = new Set<string>();
    for (let index = 1; index < args.length; index += 1) {
      const word = optionName(args[index]);
      if (!SHUTDOWN_WORDS.has(word)) return errors.syntax;
      words.add(word);
    }
    if ((words.has("ABORT") && words.size > 1) || (words.has("SAVE") && words.has("NOSAVE"))) {
      return errors.syntax;
    }
    if (words.has("ABORT")) return context.server.abortShutdown() ?? OK;
    const failure: ErrorReply | undefined = context.server.shutdown({
      isForced: words.has("FORCE"),
      isNow: words.has("NOW"),
    });
    return failure ?? NO_REPLY;
  },
};
