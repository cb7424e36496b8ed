/**
 * BZPOPMAX: Removes and returns the member with the highest score from one or more sorted sets.
 * Blocks until a member available otherwise.  Deletes the sorted set if the last element was
 * popped.
 */

import { double, key, multiple } from "../argument.ts";
import type { Command } from "../command.ts";
import { blockingPop } from "./popping.ts";

export const bzpopmaxCommand: Command = {
  name: "bzpopmax",
  group: "sorted_set",
  summary:
    "Removes and returns the member with the highest score from one or more sorted sets. Blocks until a member available otherwise.  Deletes the sorted set if the last element was popped.",
  since: "5.0.0",
  complexity: "O(log(N)) with N being the number of elements in the sorted set.",
  arity: -3,
  flags: ["write", "fast", "blocking"],
  keys: [{ flags: ["RW", "access", "delete"], first: 1, last: -2, step: 1 }],
  arguments: [multiple(key()), double("timeout")],
  history: [["6.0.0", "`timeout` is interpreted as a double instead of an integer."]],
  valueType: "zset",
  run: (context, args) => blockingPop(context, args, "MAX"),
};
