/**
 * ZRANGESTORE: Stores a range of members from sorted set in a key.
 */

import { block, integer, key, oneOf, optional, string, token, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { storeRange } from "./ranging.ts";

export const zrangestoreCommand: Command = {
  name: "zrangestore",
  group: "sorted_set",
  summary: "Stores a range of members from sorted set in a key.",
  since: "6.2.0",
  complexity:
    "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements stored into the destination key.",
  arity: -5,
  flags: ["write", "denyoom"],
  keys: [
    { flags: ["OW", "update"], first: 1, last: 1, step: 1 },
    { flags: ["RO", "access"], first: 2, last: 2, step: 1 },
  ],
  arguments: [
    key("dst"),
    key("src", 1),
    string("min"),
    string("max"),
    optional(oneOf("sortby", token("BYSCORE"), token("BYLEX"))),
    optional(token("REV")),
    optional(withToken("LIMIT", block("limit", integer("offset"), integer("count")))),
  ],
  run: storeRange,
};
