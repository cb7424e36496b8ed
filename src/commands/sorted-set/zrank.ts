/**
 * ZRANK: Returns the index of a member in a sorted set ordered by ascending scores.
 */

import { key, optional, string, token } from "../argument.ts";
import type { Command } from "../command.ts";
import { rankOf } from "./ranking.ts";

export const zrankCommand: Command = {
  name: "zrank",
  group: "sorted_set",
  summary: "Returns the index of a member in a sorted set ordered by ascending scores.",
  since: "2.0.0",
  complexity: "O(log(N))",
  arity: -3,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key(), string("member"), optional(token("WITHSCORE"))],
  history: [["7.2.0", "Added the optional `WITHSCORE` argument."]],
  valueType: "zset",
  run: (context, args) => rankOf(context, args, false),
};
