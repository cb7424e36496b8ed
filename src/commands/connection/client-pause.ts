/**
 * CLIENT PAUSE: holds commands, all or only writes, for a time.
 */
import { ErrorReply } from "../../base/errors.ts";
import { OK } from "../../resp/frame.ts";
import { integer, oneOf, optional, since, token } from "../argument.ts";
import type { Command } from "../command.ts";
import { optionName } from "../context.ts";
import { parseInteger } from "../integer-argument.ts";

const badMode = new ErrorReply("ERR CLIENT PAUSE mode must be WRITE or ALL");
const notAnInteger = new ErrorReply("ERR timeout is not an integer or out of range");
const negative = new ErrorReply("ERR timeout is negative");

export const clientPauseCommand: Command = {
  name: "client|pause",
  group: "connection",
  summary: "Suspends the processing of commands.",
  since: "3.0.0",
  complexity: "O(1)",
  arity: -3,
  flags: ["admin", "noscript", "loading", "stale"],
  arguments: [
    integer("timeout"),
    since("6.2.0", optional(oneOf("mode", token("WRITE"), token("ALL")))),
  ],
  history: [["6.2.0", "The modes WRITE and ALL."]],
  run: (context, args) => {
    let mode: "all" | "write" = "all";
    if (args.length === 4) {
      const option = optionName(args[3]);
      if (option === "WRITE") mode = "write";
      else if (option !== "ALL") return badMode;
    } else if (args.length > 4) return badMode;
    const timeoutMs = parseInteger(args[2]);
    if (timeoutMs === undefined) return notAnInteger;
    if (timeoutMs < 0) return negative;
    context.server.clients.pause(context.nowMs + timeoutMs, mode);
    return OK;
  },
};
