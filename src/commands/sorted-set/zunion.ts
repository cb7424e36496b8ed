/**
 * ZUNION: Returns the union of multiple sorted sets.
 */

import { integer, key, multiple, oneOf, optional, token, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { combine } from "./combining.ts";

export const zunionCommand: Command = {
  name: "zunion",
  group: "sorted_set",
  summary: "Returns the union of multiple sorted sets.",
  since: "6.2.0",
  complexity:
    "O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.",
  arity: -3,
  flags: ["readonly", "movablekeys"],
  keys: [{ flags: ["RO", "access"], countAt: 1 }],
  arguments: [
    integer("numkeys"),
    multiple(key()),
    optional(multiple(withToken("WEIGHTS", integer("weight")))),
    optional(withToken("AGGREGATE", oneOf("aggregate", token("SUM"), token("MIN"), token("MAX")))),
    optional(token("WITHSCORES")),
  ],
  run: (context, args) => combine(context, args, "union", "zunion"),
};
