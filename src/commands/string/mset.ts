/**
 * MSET: several values in one unit.
 */
import { wrongArgumentCount } from "../../base/errors.ts";
import { OK } from "../../resp/frame.ts";
import { block, key, multiple, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { setAll } from "./setting.ts";

export const msetCommand: Command = {
  name: "mset",
  group: "string",
  summary: "Atomically creates or modifies the string values of one or more keys.",
  since: "1.0.1",
  complexity: "O(N) where N is the number of keys to set",
  arity: -3,
  flags: ["write", "denyoom"],
  keys: [{ flags: ["OW", "update"], first: 1, last: -1, step: 2 }],
  arguments: [multiple(block("data", key(), string("value")))],
  tips: ["request_policy:multi_shard", "response_policy:all_succeeded"],
  run: (context, args) => {
    if (args.length % 2 === 0) return wrongArgumentCount("mset");
    setAll(context, args);
    return OK;
  },
};
