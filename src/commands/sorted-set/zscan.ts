/**
 * ZSCAN: Iterates over members and scores of a sorted set.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { doubleText, preciseText } from "../../base/float-text.ts";
import type { Reply } from "../../resp/frame.ts";
import { integer, key, optional, pattern, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseScan, scanMatches } from "../scan-arguments.ts";

export const zscanCommand: Command = {
  name: "zscan",
  group: "sorted_set",
  summary: "Iterates over members and scores of a sorted set.",
  since: "2.8.0",
  complexity:
    "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.",
  arity: -3,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [
    key(),
    integer("cursor"),
    optional(withToken("MATCH", pattern("pattern"))),
    optional(withToken("COUNT", integer("count"))),
  ],
  tips: ["nondeterministic_output"],
  valueType: "zset",
  run: (context, args) => {
    const scan = parseScan(args, 2, false);
    if (scan instanceof ErrorReply) return scan;
    const set = context.lookupSortedSet(toBinaryString(args[1]));
    if (set instanceof ErrorReply) return set;
    if (set === undefined) return ["0", []];
    // Redis writes a skip list's scores here as it writes them nowhere else.
    const textOf = set.isSkipList ? preciseText : doubleText;
    const pairs: Reply[] = [];
    const cursor = set.scan(scan.cursor, scan.count, (member, score) => {
      if (scanMatches(scan.pattern, member)) pairs.push(member, textOf(score));
    });
    return [String(cursor), pairs];
  },
};
