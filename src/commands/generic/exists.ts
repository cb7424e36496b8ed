/**
 * EXISTS: Determines whether one or more keys exist.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { key, multiple } from "../argument.ts";
import type { Command } from "../command.ts";

export const existsCommand: Command = {
  name: "exists",
  group: "generic",
  summary: "Determines whether one or more keys exist.",
  since: "1.0.0",
  complexity: "O(N) where N is the number of keys to check",
  arity: -2,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO"], first: 1, last: -1, step: 1 }],
  arguments: [multiple(key())],
  tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
  run: (context, args) => {
    let count = 0;
    for (let index = 1; index < args.length; index += 1) {
      if (context.has(toBinaryString(args[index]))) count += 1;
    }
    return count;
  },
};
