/**
 * ZREMRANGEBYRANK: Removes members in a sorted set within a range of indexes. Deletes the sorted
 * set if all members were removed.
 */

import { integer, key } from "../argument.ts";
import type { Command } from "../command.ts";
import { removeRange } from "./range-removal.ts";

export const zremrangebyrankCommand: Command = {
  name: "zremrangebyrank",
  group: "sorted_set",
  summary:
    "Removes members in a sorted set within a range of indexes. Deletes the sorted set if all members were removed.",
  since: "2.0.0",
  complexity:
    "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.",
  arity: 4,
  flags: ["write"],
  keys: [{ flags: ["RW", "delete"], first: 1, last: 1, step: 1 }],
  arguments: [key(), integer("start"), integer("stop")],
  valueType: "zset",
  run: (context, args) => removeRange(context, args, "rank"),
};
