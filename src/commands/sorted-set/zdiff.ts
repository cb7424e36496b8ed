/**
 * ZDIFF: Returns the difference between multiple sorted sets.
 */

import { integer, key, multiple, optional, token } from "../argument.ts";
import type { Command } from "../command.ts";
import { combine } from "./combining.ts";

export const zdiffCommand: Command = {
  name: "zdiff",
  group: "sorted_set",
  summary: "Returns the difference between multiple sorted sets.",
  since: "6.2.0",
  complexity:
    "O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.",
  arity: -3,
  flags: ["readonly", "movablekeys"],
  keys: [{ flags: ["RO", "access"], countAt: 1 }],
  arguments: [integer("numkeys"), multiple(key()), optional(token("WITHSCORES"))],
  run: (context, args) => combine(context, args, "difference", "zdiff"),
};
