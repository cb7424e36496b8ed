/**
 * ZUNIONSTORE: Stores the union of multiple sorted sets in a key.
 */

import { integer, key, multiple, oneOf, optional, token, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { combineAndStore } from "./combining.ts";

export const zunionstoreCommand: Command = {
  name: "zunionstore",
  group: "sorted_set",
  summary: "Stores the union of multiple sorted sets in a key.",
  since: "2.0.0",
  complexity:
    "O(N)+O(M log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.",
  arity: -4,
  flags: ["write", "denyoom", "movablekeys"],
  keys: [
    { flags: ["OW", "update"], first: 1, last: 1, step: 1 },
    { flags: ["RO", "access"], countAt: 2 },
  ],
  arguments: [
    key("destination"),
    integer("numkeys"),
    multiple(key("key", 1)),
    optional(multiple(withToken("WEIGHTS", integer("weight")))),
    optional(withToken("AGGREGATE", oneOf("aggregate", token("SUM"), token("MIN"), token("MAX")))),
  ],
  run: (context, args) => combineAndStore(context, args, "union", "zunionstore"),
};
