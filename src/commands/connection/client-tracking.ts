/**
 * CLIENT TRACKING: client-side caching is not offered; OFF is the state that it has.
 */
import { ErrorReply, errors } from "../../base/errors.ts";
import { OK } from "../../resp/frame.ts";
import { integer, multiple, oneOf, optional, string, token, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { optionName } from "../context.ts";

const notSupported = new ErrorReply(
  "ERR client-side caching (CLIENT TRACKING ON) is not supported by this server",
);

export const clientTrackingCommand: Command = {
  name: "client|tracking",
  group: "connection",
  summary: "Controls server-assisted client-side caching.",
  since: "6.0.0",
  complexity: "O(1)",
  arity: -3,
  flags: ["noscript", "loading", "stale"],
  arguments: [
    oneOf("status", token("ON"), token("OFF")),
    optional(withToken("REDIRECT", integer("client-id"))),
    optional({ ...multiple(withToken("PREFIX", string("prefix"))), isMultipleToken: true }),
    optional(token("BCAST")),
    optional(token("OPTIN")),
    optional(token("OPTOUT")),
    optional(token("NOLOOP")),
  ],
  run: (_context, args) => {
    const status = optionName(args[2]);
    if (status === "OFF") return OK;
    return status === "ON" ? notSupported : errors.syntax;
  },
};
