/**
 * INCR: Increments the integer value of a key by one. Uses 0 as initial value if the key is
 * missing.
 */
import { key } from "../argument.ts";
import type { Command } from "../command.ts";
import { increment } from "./increment.ts";

export const incrCommand: Command = {
  name: "incr",
  group: "string",
  summary:
    "Increments the integer value of a key by one. Uses 0 as initial value if the key is missing.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: 2,
  flags: ["write", "denyoom", "fast"],
  keys: [{ flags: ["RW", "access", "update"], first: 1, last: 1, step: 1 }],
  arguments: [key()],
  valueType: "string",
  run: (context, args) => increment(context, args[1], 1n),
};
