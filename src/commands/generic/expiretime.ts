/**
 * EXPIRETIME: Returns the expiration time of a key as a Unix timestamp.
 */
import { key } from "../argument.ts";
import type { Command } from "../command.ts";
import { expiryOf } from "./remaining-time.ts";

export const expiretimeCommand: Command = {
  name: "expiretime",
  group: "generic",
  summary: "Returns the expiration time of a key as a Unix timestamp.",
  since: "7.0.0",
  complexity: "O(1)",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key()],
  run: (context, args) => {
    const expiryMs = expiryOf(context, args[1]);
    return expiryMs < 0 ? expiryMs : Math.floor((expiryMs + 500) / 1000);
  },
};
