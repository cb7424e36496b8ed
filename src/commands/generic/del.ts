/**
 * DEL: Deletes one or more keys.
 */
import { key, multiple } from "../argument.ts";
import type { Command } from "../command.ts";
import { deleteKeys } from "./deletion.ts";

export const delCommand: Command = {
  name: "del",
  group: "generic",
  summary: "Deletes one or more keys.",
  since: "1.0.0",
  complexity: "O(N) where N is the number of keys that will be removed",
  arity: -2,
  flags: ["write"],
  keys: [{ flags: ["RM", "delete"], first: 1, last: -1, step: 1 }],
  arguments: [multiple(key())],
  tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
  run: deleteKeys,
};
