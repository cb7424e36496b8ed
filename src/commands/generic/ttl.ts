/**
 * TTL: Returns the expiration time in seconds of a key.
 */
import { key } from "../argument.ts";
import type { Command } from "../command.ts";
import { millisecondsLeft } from "./remaining-time.ts";

export const ttlCommand: Command = {
  name: "ttl",
  group: "generic",
  summary: "Returns the expiration time in seconds of a key.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key()],
  tips: ["nondeterministic_output"],
  run: (context, args) => {
    const left = millisecondsLeft(context, args[1]);
    return left < 0 ? left : Math.floor((left + 500) / 1000);
  },
};
