/**
 * SINTERSTORE: Stores the intersect of multiple sets in a key.
 */
import { key, multiple } from "../argument.ts";
import type { Command } from "../command.ts";
import { intersection, storeResult } from "./algebra.ts";

export const sinterstoreCommand: Command = {
  name: "sinterstore",
  group: "set",
  summary: "Stores the intersect of multiple sets in a key.",
  since: "1.0.0",
  complexity:
    "O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.",
  arity: -3,
  flags: ["write", "denyoom"],
  keys: [
    { flags: ["RW", "update"], first: 1, last: 1, step: 1 },
    { flags: ["RO", "access"], first: 2, last: -1, step: 1 },
  ],
  arguments: [key("destination"), multiple(key("key", 1))],
  run: (context, args) => storeResult(context, args, intersection),
};
