/**
 * ZRANGEBYSCORE: Returns members in a sorted set within a range of scores.
 */

import { block, double, integer, key, optional, since, token, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { rangeMembers } from "./ranging.ts";

export const zrangebyscoreCommand: Command = {
  name: "zrangebyscore",
  group: "sorted_set",
  summary: "Returns members in a sorted set within a range of scores.",
  since: "1.0.5",
  complexity:
    "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).",
  arity: -4,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [
    key(),
    double("min"),
    double("max"),
    since("2.0.0", optional(token("WITHSCORES"))),
    optional(withToken("LIMIT", block("limit", integer("offset"), integer("count")))),
  ],
  history: [["2.0.0", "Added the `WITHSCORES` modifier."]],
  deprecatedSince: "6.2.0",
  replacedBy: "`ZRANGE` with the `BYSCORE` argument",
  valueType: "zset",
  run: (context, args) => rangeMembers(context, args, { by: "score", isReverse: false }),
};
