/**
 * MGET: several values at once; null where there is no string.
 */
import { toBinaryString } from "../../base/bytes.ts";
import type { Reply } from "../../resp/frame.ts";
import { key, multiple } from "../argument.ts";
import type { Command } from "../command.ts";

export const mgetCommand: Command = {
  name: "mget",
  group: "string",
  summary: "Atomically returns the string values of one or more keys.",
  since: "1.0.0",
  complexity: "O(N) where N is the number of keys to retrieve",
  arity: -2,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO", "access"], first: 1, last: -1, step: 1 }],
  arguments: [multiple(key())],
  tips: ["request_policy:multi_shard"],
  run: (context, args) => {
    const values: Reply[] = [];
    for (let index = 1; index < args.length; index += 1) {
      const entry = context.lookup(toBinaryString(args[index]));
      values.push(entry?.value.type === "string" ? entry.value.bytes : null);
    }
    return values;
  },
};
