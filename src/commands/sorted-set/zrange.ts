/**
 * ZRANGE: Returns members in a sorted set within a range of indexes.
 */

import {
  block,
  integer,
  key,
  oneOf,
  optional,
  since,
  string,
  token,
  withToken,
} from "../argument.ts";
import type { Command } from "../command.ts";
import { rangeMembers } from "./ranging.ts";

export const zrangeCommand: Command = {
  name: "zrange",
  group: "sorted_set",
  summary: "Returns members in a sorted set within a range of indexes.",
  since: "1.2.0",
  complexity:
    "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.",
  arity: -4,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [
    key(),
    string("start"),
    string("stop"),
    since("6.2.0", optional(oneOf("sortby", token("BYSCORE"), token("BYLEX")))),
    since("6.2.0", optional(token("REV"))),
    since(
      "6.2.0",
      optional(withToken("LIMIT", block("limit", integer("offset"), integer("count")))),
    ),
    optional(token("WITHSCORES")),
  ],
  history: [["6.2.0", "Added the `REV`, `BYSCORE`, `BYLEX` and `LIMIT` options."]],
  valueType: "zset",
  run: (context, args) => rangeMembers(context, args, {}),
};
