/**
 * RANDOMKEY: Returns a random key name from the database.
 */

import type { Command } from "../command.ts";
import { isLive } from "./live-keys.ts";

/** After so many expired keys in a row, the first live one is as good as a random one. */
const TRIES_MAX = 100;

export const randomkeyCommand: Command = {
  name: "randomkey",
  group: "generic",
  summary: "Returns a random key name from the database.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: 1,
  flags: ["readonly"],
  categories: ["keyspace"],
  tips: ["request_policy:all_shards", "response_policy:special", "nondeterministic_output"],
  readsWholeKeyspace: true,
  run: (context) => {
    const database = context.keyspace.databases[context.database];
    const { keyCount } = database;
    for (let tries = 0; keyCount > 0 && tries < TRIES_MAX; tries += 1) {
      const name = database.keyAtPlace(Math.floor(context.server.random() * keyCount));
      if (isLive(context, name)) return name;
    }
    for (const name of context.keyspace.keys(context.database)) {
      if (isLive(context, name)) return name;
    }
    return null;
  },
};
