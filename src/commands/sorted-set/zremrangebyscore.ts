/**
 * ZREMRANGEBYSCORE: Removes members in a sorted set within a range of scores. Deletes the sorted
 * set if all members were removed.
 */

import { double, key } from "../argument.ts";
import type { Command } from "../command.ts";
import { removeRange } from "./range-removal.ts";

export const zremrangebyscoreCommand: Command = {
  name: "zremrangebyscore",
  group: "sorted_set",
  summary:
    "Removes members in a sorted set within a range of scores. Deletes the sorted set if all members were removed.",
  since: "1.2.0",
  complexity:
    "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.",
  arity: 4,
  flags: ["write"],
  keys: [{ flags: ["RW", "delete"], first: 1, last: 1, step: 1 }],
  arguments: [key(), double("min"), double("max")],
  valueType: "zset",
  run: (context, args) => removeRange(context, args, "score"),
};
