/**
 * DBSIZE: how many keys the selected database holds, also those whose expiry just passed.
 */
import type { Command } from "../command.ts";

export const dbsizeCommand: Command = {
  name: "dbsize",
  group: "server",
  summary: "Counts the keys of the database.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: 1,
  flags: ["readonly", "fast"],
  categories: ["keyspace"],
  readsWholeKeyspace: true,
  tips: ["request_policy:all_shards", "response_policy:agg_sum"],
  run: (context) => context.keyspace.keyCount(context.database),
};
