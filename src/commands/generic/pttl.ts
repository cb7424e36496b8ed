/**
 * PTTL: Returns the expiration time in milliseconds of a key.
 */
import { key } from "../argument.ts";
import type { Command } from "../command.ts";
import { millisecondsLeft } from "./remaining-time.ts";

export const pttlCommand: Command = {
  name: "pttl",
  group: "generic",
  summary: "Returns the expiration time in milliseconds of a key.",
  since: "2.6.0",
  complexity: "O(1)",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key()],
  tips: ["nondeterministic_output"],
  run: (context, args) => millisecondsLeft(context, args[1]),
};
