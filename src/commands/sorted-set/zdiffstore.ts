/**
 * ZDIFFSTORE: Stores the difference of multiple sorted sets in a key.
 */

import { integer, key, multiple } from "../argument.ts";
import type { Command } from "../command.ts";
import { combineAndStore } from "./combining.ts";

export const zdiffstoreCommand: Command = {
  name: "zdiffstore",
  group: "sorted_set",
  summary: "Stores the difference of multiple sorted sets in a key.",
  since: "6.2.0",
  complexity:
    "O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.",
  arity: -4,
  flags: ["write", "denyoom", "movablekeys"],
  keys: [
    { flags: ["OW", "update"], first: 1, last: 1, step: 1 },
    { flags: ["RO", "access"], countAt: 2 },
  ],
  arguments: [key("destination"), integer("numkeys"), multiple(key("key", 1))],
  run: (context, args) => combineAndStore(context, args, "difference", "zdiffstore"),
};
