/**
 * TYPE: Determines the type of value stored at a key.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { SimpleString } from "../../resp/frame.ts";
import { key } from "../argument.ts";
import type { Command } from "../command.ts";

export const typeCommand: Command = {
  name: "type",
  group: "generic",
  summary: "Determines the type of value stored at a key.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO"], first: 1, last: 1, step: 1 }],
  arguments: [key()],
  run: (context, args) => {
    const entry = context.lookup(toBinaryString(args[1]));
    return new SimpleString(entry === undefined ? "none" : entry.value.type);
  },
};
