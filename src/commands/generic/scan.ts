/**
 * SCAN: Iterates over the key names in the database.
 */
import { ErrorReply } from "../../base/errors.ts";
import { integer, optional, pattern, since, string, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseScan, scanMatches } from "../scan-arguments.ts";

export const scanCommand: Command = {
  name: "scan",
  group: "generic",
  summary: "Iterates over the key names in the database.",
  since: "2.8.0",
  complexity: "O(1) for every call. O(N) for a complete iteration",
  arity: -2,
  flags: ["readonly"],
  arguments: [
    integer("cursor"),
    optional(withToken("MATCH", pattern("pattern"))),
    optional(withToken("COUNT", integer("count"))),
    since("6.0.0", optional(withToken("TYPE", string("type")))),
  ],
  categories: ["keyspace"],
  history: [["6.0.0", "Added the `TYPE` subcommand."]],
  tips: ["nondeterministic_output", "request_policy:special", "response_policy:special"],
  readsWholeKeyspace: true,
  run: (context, args) => {
    const scan = parseScan(args, 1, true);
    if (scan instanceof ErrorReply) return scan;
    const names: string[] = [];
    const database = context.keyspace.databases[context.database];
    const cursor = database.scan(scan.cursor, scan.count, (name) => {
      if (!context.isThereOrRemoved(name) || !scanMatches(scan.pattern, name)) return;
      if (scan.type !== undefined && context.peek(name)?.value.type !== scan.type) return;
      names.push(name);
    });
    return [String(cursor), names];
  },
};
