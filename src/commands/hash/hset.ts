/**
 * HSET: Creates or modifies the value of a field in a hash.
 */
import { block, key, multiple, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { setFields } from "./setting.ts";

export const hsetCommand: Command = {
  name: "hset",
  group: "hash",
  summary: "Creates or modifies the value of a field in a hash.",
  since: "2.0.0",
  complexity: "O(1) for each field/value pair added",
  arity: -4,
  flags: ["write", "denyoom", "fast"],
  keys: [{ flags: ["RW", "update"], first: 1, last: 1, step: 1 }],
  arguments: [key(), multiple(block("data", string("field"), string("value")))],
  history: [["4.0.0", "Accepts multiple `field` and `value` arguments."]],
  valueType: "hash",
  run: (context, args) => setFields(context, args, "hset"),
};
