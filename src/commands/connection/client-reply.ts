/**
 * CLIENT REPLY: turns replies on or off, or skips the next one.
 */
import { errors } from "../../base/errors.ts";
import { NO_REPLY, OK } from "../../resp/frame.ts";
import { oneOf, token } from "../argument.ts";
import type { Command } from "../command.ts";
import { optionName } from "../context.ts";

export const clientReplyCommand: Command = {
  name: "client|reply",
  group: "connection",
  summary: "Tells the server whether to reply to commands.",
  since: "3.2.0",
  complexity: "O(1)",
  arity: 3,
  flags: ["noscript", "loading", "stale"],
  arguments: [oneOf("action", token("ON"), token("OFF"), token("SKIP"))],
  run: (context, args) => {
    const session = context.session;
    switch (optionName(args[2])) {
      case "ON":
        session.replyMode = "on";
        return OK;
      case "OFF":
        session.replyMode = "off";
        return NO_REPLY;
      case "SKIP":
        if (session.replyMode !== "off") session.replyMode = "skip-next";
        return NO_REPLY;
      default:
        return errors.syntax;
    }
  },
};
