/**
 * ZLEXCOUNT: Returns the number of members in a sorted set within a lexicographical range.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { key, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseLexRange, ranksIn } from "./range.ts";

export const zlexcountCommand: Command = {
  name: "zlexcount",
  group: "sorted_set",
  summary: "Returns the number of members in a sorted set within a lexicographical range.",
  since: "2.8.9",
  complexity: "O(log(N)) with N being the number of elements in the sorted set.",
  arity: 4,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key(), string("min"), string("max")],
  valueType: "zset",
  run: (context, args) => {
    const range = parseLexRange(args[2], args[3]);
    if (range instanceof ErrorReply) return range;
    const set = context.lookupSortedSet(toBinaryString(args[1]));
    if (set instanceof ErrorReply) return set;
    return set === undefined ? 0 : ranksIn(set, range, false).count;
  },
};
