/**
 * HPTTL: What is left of fields until they expire, in milliseconds.
 */
import { key } from "../argument.ts";
import type { Command } from "../command.ts";
import { eachExpiry, fieldsArgument } from "./field-arguments.ts";

export const hpttlCommand: Command = {
  name: "hpttl",
  group: "hash",
  summary: "Returns the TTL in milliseconds of a hash field.",
  since: "7.4.0",
  complexity: "O(N) where N is the number of specified fields",
  arity: -5,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key(), fieldsArgument],
  valueType: "hash",
  run: (context, args) => eachExpiry(context, args, (expiryMs) => expiryMs - context.nowMs),
};
