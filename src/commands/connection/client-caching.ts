/**
 * CLIENT CACHING: only has a meaning while tracking, which is not offered.
 */
import { ErrorReply } from "../../base/errors.ts";
import { oneOf, token } from "../argument.ts";
import type { Command } from "../command.ts";

const notTracking = new ErrorReply(
  "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or " +
    "OPTOUT mode enabled",
);

export const clientCachingCommand: Command = {
  name: "client|caching",
  group: "connection",
  summary: "Tells whether keys of the next command are tracked.",
  since: "6.0.0",
  complexity: "O(1)",
  arity: 3,
  flags: ["noscript", "loading", "stale"],
  arguments: [oneOf("mode", token("YES"), token("NO"))],
  run: () => notTracking,
};
