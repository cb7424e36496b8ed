/**
 * HEXPIRETIME: When fields expire, in seconds of Unix time.
 */
import { key } from "../argument.ts";
import type { Command } from "../command.ts";
import { eachExpiry, fieldsArgument } from "./field-arguments.ts";

export const hexpiretimeCommand: Command = {
  name: "hexpiretime",
  group: "hash",
  summary: "Returns the expiration time of a hash field as a Unix timestamp, in seconds.",
  since: "7.4.0",
  complexity: "O(N) where N is the number of specified fields",
  arity: -5,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key(), fieldsArgument],
  valueType: "hash",
  run: (context, args) => eachExpiry(context, args, (expiryMs) => Math.ceil(expiryMs / 1000)),
};
