/**
 * ZCARD: Returns the number of members in a sorted set.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { key } from "../argument.ts";
import type { Command } from "../command.ts";

export const zcardCommand: Command = {
  name: "zcard",
  group: "sorted_set",
  summary: "Returns the number of members in a sorted set.",
  since: "1.2.0",
  complexity: "O(1)",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO"], first: 1, last: 1, step: 1 }],
  arguments: [key()],
  valueType: "zset",
  run: (context, args) => {
    const set = context.lookupSortedSet(toBinaryString(args[1]));
    if (set instanceof ErrorReply) return set;
    return set === undefined ? 0 : set.size;
  },
};
