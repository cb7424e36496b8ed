/**
 * HSCAN: a hash in portions. A small one comes whole, as in Redis.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import type { Reply } from "../../resp/frame.ts";
import { integer, key, optional, pattern, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { invalidCursor, parseScan, scanMatches } from "../scan-arguments.ts";

export const hscanCommand: Command = {
  name: "hscan",
  group: "hash",
  summary: "Iterates over fields and values of a hash.",
  since: "2.8.0",
  complexity: "O(1) for every call. O(N) for a complete iteration",
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
  valueType: "hash",
  run: (context, args) => {
    const scan = parseScan(args, 2, false);
    if (scan === invalidCursor) return invalidCursor;
    const hash = context.lookupHash(toBinaryString(args[1]));
    if (hash instanceof ErrorReply) return hash;
    // Of no hash Redis reads no options.
    if (hash === undefined) return ["0", []];
    if (scan instanceof ErrorReply) return scan;
    const pairs: Reply[] = [];
    const visit = (field: string): void => {
      const value = hash.get(field);
      if (value !== undefined && scanMatches(scan.pattern, field)) pairs.push(field, value);
    };
    const cursor = hash.scan(scan.cursor, scan.count, visit);
    return [String(cursor), pairs];
  },
};
