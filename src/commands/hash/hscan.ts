/**
 * HSCAN: a hash in portions. A small one comes whole, as in Redis.
 */
import type { Command } from "../command.ts";
import { keyScanArguments, scanKey, scanMatches } from "../scan-arguments.ts";

export const hscanCommand: Command = {
  name: "hscan",
  group: "hash",
  summary: "Iterates over fields and values of a hash.",
  since: "2.8.0",
  complexity: "O(1) for every call. O(N) for a complete iteration",
  arity: -3,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: keyScanArguments,
  tips: ["nondeterministic_output"],
  valueType: "hash",
  run: (context, args) =>
    scanKey(
      args,
      (name) => context.lookupHash(name),
      (hash, { cursor, count, pattern }, found) =>
        hash.scan(cursor, count, (field) => {
          const value = hash.get(field);
          if (value !== undefined && scanMatches(pattern, field)) found.push(field, value);
        }),
    ),
};
