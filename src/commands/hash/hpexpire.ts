/**
 * HPEXPIRE: Sets when fields expire, in milliseconds from now.
 */
import { integer, key } from "../argument.ts";
import type { Command } from "../command.ts";
import { fieldsArgument } from "./field-arguments.ts";
import { conditionArgument, expireFields } from "./field-expiry.ts";

export const hpexpireCommand: Command = {
  name: "hpexpire",
  group: "hash",
  summary: "Set expiry for hash field using relative time to expire (milliseconds).",
  since: "7.4.0",
  complexity: "O(N) where N is the number of specified fields",
  arity: -6,
  flags: ["write", "denyoom", "fast"],
  keys: [{ flags: ["RW", "update"], first: 1, last: 1, step: 1 }],
  arguments: [key(), integer("milliseconds"), conditionArgument, fieldsArgument],
  valueType: "hash",
  run: (context, args) => expireFields(context, args, "PX", "hpexpire"),
};
