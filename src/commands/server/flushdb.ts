/**
 * FLUSHDB: removes all keys of the database. ASYNC and SYNC are taken, and mean the same here.
 */
import { errors } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { OK } from "../../resp/frame.ts";
import { oneOf, optional, since, token } from "../argument.ts";
import type { Command } from "../command.ts";
import { isFlushMode } from "./flush-mode.ts";

export const flushdbCommand: Command = {
  name: "flushdb",
  group: "server",
  summary: "Removes all keys of the database.",
  since: "1.0.0",
  complexity: "O(N) where N is the number of keys removed",
  arity: -1,
  flags: ["write"],
  categories: ["keyspace", "dangerous"],
  arguments: [
    optional(oneOf("flush-type", since("4.0.0", token("ASYNC")), since("6.2.0", token("SYNC")))),
  ],
  history: [
    ["4.0.0", "ASYNC."],
    ["6.2.0", "SYNC."],
  ],
  tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
  run: (context, args) => {
    if (!isFlushMode(args)) return errors.syntax;
    context.apply({ id: EffectId.databaseFlush, database: context.database });
    return OK;
  },
};
