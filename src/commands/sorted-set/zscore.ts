/**
 * ZSCORE: Returns the score of a member in a sorted set.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { DoubleReply } from "../../resp/frame.ts";
import { key, string } from "../argument.ts";
import type { Command } from "../command.ts";

export const zscoreCommand: Command = {
  name: "zscore",
  group: "sorted_set",
  summary: "Returns the score of a member in a sorted set.",
  since: "1.2.0",
  complexity: "O(1)",
  arity: 3,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key(), string("member")],
  valueType: "zset",
  run: (context, args) => {
    const set = context.lookupSortedSet(toBinaryString(args[1]));
    if (set instanceof ErrorReply) return set;
    const score = set?.score(toBinaryString(args[2]));
    return score === undefined ? null : new DoubleReply(score);
  },
};
