/**
 * HMSET: Sets the values of multiple fields.
 */
import { ErrorReply } from "../../base/errors.ts";
import { OK } from "../../resp/frame.ts";
import { block, key, multiple, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { setFields } from "./setting.ts";

export const hmsetCommand: Command = {
  name: "hmset",
  group: "hash",
  summary: "Sets the values of multiple fields.",
  since: "2.0.0",
  complexity: "O(N) where N is the number of fields being set",
  arity: -4,
  flags: ["write", "denyoom", "fast"],
  keys: [{ flags: ["RW", "update"], first: 1, last: 1, step: 1 }],
  arguments: [key(), multiple(block("data", string("field"), string("value")))],
  deprecatedSince: "4.0.0",
  replacedBy: "`HSET` with multiple field-value pairs",
  valueType: "hash",
  run: (context, args) => {
    const set = setFields(context, args, "hmset");
    return set instanceof ErrorReply ? set : OK;
  },
};
