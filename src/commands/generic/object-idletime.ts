/**
 * OBJECT IDLETIME: Returns the time since the last access to a Redis object.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { key } from "../argument.ts";
import type { Command } from "../command.ts";

export const objectIdletimeCommand: Command = {
  name: "object|idletime",
  group: "generic",
  summary: "Returns the time since the last access to a Redis object.",
  since: "2.2.3",
  complexity: "O(1)",
  arity: 3,
  flags: ["readonly"],
  keys: [{ flags: ["RO"], first: 2, last: 2, step: 1 }],
  arguments: [key()],
  tips: ["nondeterministic_output"],
  run: (context, args) => {
    const entry = context.peek(toBinaryString(args[2]));
    if (entry === undefined) return null;
    return Math.max(0, Math.floor((context.nowMs - entry.lastAccessMs) / 1000));
  },
};
