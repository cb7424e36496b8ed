/**
 * ZREVRANGEBYLEX: Returns members in a sorted set within a lexicographical range in reverse order.
 */

import { block, integer, key, optional, string, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { rangeMembers } from "./ranging.ts";

export const zrevrangebylexCommand: Command = {
  name: "zrevrangebylex",
  group: "sorted_set",
  summary: "Returns members in a sorted set within a lexicographical range in reverse order.",
  since: "2.8.9",
  complexity:
    "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).",
  arity: -4,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [
    key(),
    string("max"),
    string("min"),
    optional(withToken("LIMIT", block("limit", integer("offset"), integer("count")))),
  ],
  deprecatedSince: "6.2.0",
  replacedBy: "`ZRANGE` with the `REV` and `BYLEX` arguments",
  valueType: "zset",
  run: (context, args) => rangeMembers(context, args, { by: "lex", isReverse: true }),
};
