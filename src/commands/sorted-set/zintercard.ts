/**
 * ZINTERCARD: Returns the number of members of the intersect of multiple sorted sets.
 */

import { integer, key, multiple, optional, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { countCommon } from "./combining.ts";

export const zintercardCommand: Command = {
  name: "zintercard",
  group: "sorted_set",
  summary: "Returns the number of members of the intersect of multiple sorted sets.",
  since: "7.0.0",
  complexity:
    "O(N*K) worst case with N being the smallest input sorted set, K being the number of input sorted sets.",
  arity: -3,
  flags: ["readonly", "movablekeys"],
  keys: [{ flags: ["RO", "access"], countAt: 1 }],
  arguments: [integer("numkeys"), multiple(key()), optional(withToken("LIMIT", integer("limit")))],
  run: countCommon,
};
