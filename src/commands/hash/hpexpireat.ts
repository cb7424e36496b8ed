/**
 * HPEXPIREAT: Sets when fields expire, in milliseconds of Unix time.
 */
import { key, unixTime } from "../argument.ts";
import type { Command } from "../command.ts";
import { fieldsArgument } from "./field-arguments.ts";
import { conditionArgument, expireFields } from "./field-expiry.ts";

export const hpexpireatCommand: Command = {
  name: "hpexpireat",
  group: "hash",
  summary: "Set expiry for hash field using an absolute Unix timestamp (milliseconds).",
  since: "7.4.0",
  complexity: "O(N) where N is the number of specified fields",
  arity: -6,
  flags: ["write", "denyoom", "fast"],
  keys: [{ flags: ["RW", "update"], first: 1, last: 1, step: 1 }],
  arguments: [key(), unixTime("unix-time-milliseconds"), conditionArgument, fieldsArgument],
  valueType: "hash",
  run: (context, args) => expireFields(context, args, "PXAT", "hpexpireat"),
};
