/**
 * SSCAN: a set in portions. A small one comes whole, as in Redis.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { integer, key, optional, pattern, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { invalidCursor, parseScan, scanMatches } from "../scan-arguments.ts";

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
  arguments: [
    key(),
    integer("cursor"),
    optional(withToken("MATCH", pattern("pattern"))),
    optional(withToken("COUNT", integer("count"))),
  ],
  tips: ["nondeterministic_output"],
  valueType: "set",
  run: (context, args) => {
    const scan = parseScan(args, 2, false);
    if (scan === invalidCursor) return invalidCursor;
    const set = context.lookupSet(toBinaryString(args[1]));
    if (set instanceof ErrorReply) return set;
    // Of no set Redis reads no options.
    if (set === undefined) return ["0", []];
    if (scan instanceof ErrorReply) return scan;
    const members: string[] = [];
    const cursor = set.scan(scan.cursor, scan.count, (member) => {
      if (scanMatches(scan.pattern, member)) members.push(member);
    });
    return [String(cursor), members];
  },
};
