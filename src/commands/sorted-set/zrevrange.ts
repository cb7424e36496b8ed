/**
 * ZREVRANGE: Returns members in a sorted set within a range of indexes in reverse order.
 */

import { integer, key, optional, token } from "../argument.ts";
import type { Command } from "../command.ts";
import { rangeMembers } from "./ranging.ts";

export const zrevrangeCommand: Command = {
  name: "zrevrange",
  group: "sorted_set",
  summary: "Returns members in a sorted set within a range of indexes in reverse order.",
  since: "1.2.0",
  complexity:
    "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.",
  arity: -4,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key(), integer("start"), integer("stop"), optional(token("WITHSCORES"))],
  deprecatedSince: "6.2.0",
  replacedBy: "`ZRANGE` with the `REV` argument",
  valueType: "zset",
  run: (context, args) => rangeMembers(context, args, { by: "rank", isReverse: true }),
};
