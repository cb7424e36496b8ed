/**
 * ZCOUNT: Returns the count of members in a sorted set that have scores within a range.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { double, key } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseScoreRange, ranksIn } from "./range.ts";

export const zcountCommand: Command = {
  name: "zcount",
  group: "sorted_set",
  summary: "Returns the count of members in a sorted set that have scores within a range.",
  since: "2.0.0",
  complexity: "O(log(N)) with N being the number of elements in the sorted set.",
  arity: 4,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key(), double("min"), double("max")],
  valueType: "zset",
  run: (context, args) => {
    const range = parseScoreRange(args[2], args[3]);
    if (range instanceof ErrorReply) return range;
    const set = context.lookupSortedSet(toBinaryString(args[1]));
    if (set instanceof ErrorReply) return set;
    return set === undefined ? 0 : ranksIn(set, range, false).count;
  },
};
