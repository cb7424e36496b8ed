/**
 * SSCAN: a set in portions. A small one comes whole, as in Redis.
 */
import type { Command } from "../command.ts";
import { keyScanArguments, scanKey, scanMatches } from "../scan-arguments.ts";

export const sscanCommand: Command = {
  name: "sscan",
  group: "set",
  summary: "Iterates over members of a set.",
  since: "2.8.0",
  complexity:
    "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.",
  arity: -3,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: keyScanArguments,
  tips: ["nondeterministic_output"],
  valueType: "set",
  run: (context, args) =>
    scanKey(
      args,
      (name) => context.lookupSet(name),
      (set, { cursor, count, pattern }, found) =>
        set.scan(cursor, count, (member) => {
          if (scanMatches(pattern, member)) found.push(member);
        }),
    ),
};
