/**
 * ZSCAN: Iterates over members and scores of a sorted set.
 */
import { doubleText, preciseText } from "../../base/float-text.ts";
import type { Command } from "../command.ts";
import { keyScanArguments, scanKey, scanMatches } from "../scan-arguments.ts";

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
  arguments: keyScanArguments,
  tips: ["nondeterministic_output"],
  valueType: "zset",
  run: (context, args) =>
    scanKey(
      args,
      (name) => context.lookupSortedSet(name),
      (set, { cursor, count, pattern }, found) => {
        // Redis writes a skip list's scores here as it writes them nowhere else.
        const textOf = set.isSkipList ? preciseText : doubleText;
        return set.scan(cursor, count, (member, score) => {
          if (scanMatches(pattern, member)) found.push(member, textOf(score));
        });
      },
    ),
};
