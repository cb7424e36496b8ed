/**
 * ZINTER: Returns the intersect of multiple sorted sets.
 */

import { integer, key, multiple, oneOf, optional, token, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { combine } from "./combining.ts";

export const zinterCommand: Command = {
  name: "zinter",
  group: "sorted_set",
  summary: "Returns the intersect of multiple sorted sets.",
  since: "6.2.0",
  complexity:
    "O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.",
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
  run: (context, args) => combine(context, args, "intersection", "zinter"),
};
