/**
 * EXPIREAT: Sets the expiration time of a key to a Unix timestamp.
 */
import { key, oneOf, optional, since, token, unixTime } from "../argument.ts";
import type { Command } from "../command.ts";
import { expire } from "./expiry.ts";

export const expireatCommand: Command = {
  name: "expireat",
  group: "generic",
  summary: "Sets the expiration time of a key to a Unix timestamp.",
  since: "1.2.0",
  complexity: "O(1)",
  arity: -3,
  flags: ["write", "fast"],
  keys: [{ flags: ["RW", "update"], first: 1, last: 1, step: 1 }],
  arguments: [
    key(),
    unixTime("unix-time-seconds"),
    since(
      "7.0.0",
      optional(oneOf("condition", token("NX"), token("XX"), token("GT"), token("LT"))),
    ),
  ],
  history: [["7.0.0", "Added options: `NX`, `XX`, `GT` and `LT`."]],
  run: (context, args) => expire(context, args, "EXAT", "expireat"),
};
