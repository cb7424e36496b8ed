/**
 * TOUCH: Returns the number of existing keys out of those specified after updating the time they
 * were last accessed.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { key, multiple } from "../argument.ts";
import type { Command } from "../command.ts";

export const touchCommand: Command = {
  name: "touch",
  group: "generic",
  summary:
    "Returns the number of existing keys out of those specified after updating the time they were last accessed.",
  since: "3.2.1",
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
