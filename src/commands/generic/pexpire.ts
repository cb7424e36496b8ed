/**
 * PEXPIRE: Sets the expiration time of a key in milliseconds.
 */
import { integer, key, oneOf, optional, since, token } from "../argument.ts";
import type { Command } from "../command.ts";
import { expire } from "./expiry.ts";

export const pexpireCommand: Command = {
  name: "pexpire",
  group: "generic",
  summary: "Sets the expiration time of a key in milliseconds.",
  since: "2.6.0",
  complexity: "O(1)",
  arity: -3,
  flags: ["write", "fast"],
  keys: [{ flags: ["RW", "update"], first: 1, last: 1, step: 1 }],
  arguments: [
    key(),
    integer("milliseconds"),
    since(
      "7.0.0",
      optional(oneOf("condition", token("NX"), token("XX"), token("GT"), token("LT"))),
    ),
  ],
  history: [["7.0.0", "Added options: `NX`, `XX`, `GT` and `LT`."]],
  run: (context, args) => expire(context, args, "PX", "pexpire"),
};
