/**
 * ZPOPMIN: Returns the lowest-scoring members from a sorted set after removing them. Deletes the
 * sorted set if the last member was popped.
 */

import { integer, key, optional } from "../argument.ts";
import type { Command } from "../command.ts";
import { pop } from "./popping.ts";

export const zpopminCommand: Command = {
  name: "zpopmin",
  group: "sorted_set",
  summary:
    "Returns the lowest-scoring members from a sorted set after removing them. Deletes the sorted set if the last member was popped.",
  since: "5.0.0",
  complexity:
    "O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.",
  arity: -2,
  flags: ["write", "fast"],
  keys: [{ flags: ["RW", "access", "delete"], first: 1, last: 1, step: 1 }],
  arguments: [key(), optional(integer("count"))],
  valueType: "zset",
  run: (context, args) => pop(context, args, "MIN"),
};
