/**
 * SUNIONSTORE: Stores the union of multiple sets in a key.
 */
import { key, multiple } from "../argument.ts";
import type { Command } from "../command.ts";
import { storeResult, union } from "./algebra.ts";

export const sunionstoreCommand: Command = {
  name: "sunionstore",
  group: "set",
  summary: "Stores the union of multiple sets in a key.",
  since: "1.0.0",
  complexity: "O(N) where N is the total number of elements in all given sets.",
  arity: -3,
  flags: ["write", "denyoom"],
  keys: [
    { flags: ["OW", "update"], first: 1, last: 1, step: 1 },
    { flags: ["RO", "access"], first: 2, last: -1, step: 1 },
  ],
  arguments: [key("destination"), multiple(key("key", 1))],
  run: (context, args) => storeResult(context, args, union),
};
