/**
 * ZMSCORE: Returns the score of one or more members in a sorted set.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { DoubleReply, type Reply } from "../../resp/frame.ts";
import { key, multiple, string } from "../argument.ts";
import type { Command } from "../command.ts";

export const zmscoreCommand: Command = {
  name: "zmscore",
  group: "sorted_set",
  summary: "Returns the score of one or more members in a sorted set.",
  since: "6.2.0",
  complexity: "O(N) where N is the number of members being requested.",
  arity: -3,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key(), multiple(string("member"))],
  valueType: "zset",
  run: (context, args) => {
    const set = context.lookupSortedSet(toBinaryString(args[1]));
    if (set instanceof ErrorReply) return set;
    const replies: Reply[] = [];
    for (let index = 2; index < args.length; index += 1) {
      const score = set?.score(toBinaryString(args[index]));
      replies.push(score === undefined ? null : new DoubleReply(score));
    }
    return replies;
  },
};
