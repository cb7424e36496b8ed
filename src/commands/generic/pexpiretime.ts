/**
 * PEXPIRETIME: Returns the expiration time of a key as a Unix milliseconds timestamp.
 */
import { key } from "../argument.ts";
import type { Command } from "../command.ts";
import { expiryOf } from "./remaining-time.ts";

export const pexpiretimeCommand: Command = {
  name: "pexpiretime",
  group: "generic",
  summary: "Returns the expiration time of a key as a Unix milliseconds timestamp.",
  since: "7.0.0",
  complexity: "O(1)",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key()],
  run: (context, args) => expiryOf(context, args[1]),
};
