/**
 * KEYS: Returns all key names that match a pattern.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { globMatches } from "../../base/glob.ts";
import { pattern } from "../argument.ts";
import type { Command } from "../command.ts";
import { isLive } from "./live-keys.ts";

export const keysCommand: Command = {
  name: "keys",
  group: "generic",
  summary: "Returns all key names that match a pattern.",
  since: "1.0.0",
  complexity: "O(N) with N being the number of keys in the database",
  arity: 2,
  flags: ["readonly"],
  arguments: [pattern("pattern")],
  categories: ["keyspace", "dangerous"],
  tips: ["request_policy:all_shards", "nondeterministic_output_order"],
  readsWholeKeyspace: true,
  run: (context, args) => {
    const wanted = toBinaryString(args[1]);
    const found: string[] = [];
    for (const name of context.keyspace.keys(context.database)) {
      if (globMatches(wanted, name) && isLive(context, name)) found.push(name);
    }
    return found;
  },
};
