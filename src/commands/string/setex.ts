/**
 * SETEX: SET with EX, in its older spelling.
 */
import { integer, key, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { setWithExpiry } from "./setting.ts";

export const setexCommand: Command = {
  name: "setex",
  group: "string",
  summary: "Sets the string value and expiration time of a key. Creates the key if it is missing.",
  since: "2.0.0",
  complexity: "O(1)",
  arity: 4,
  flags: ["write", "denyoom"],
  keys: [{ flags: ["OW", "update"], first: 1, last: 1, step: 1 }],
  arguments: [key(), integer("seconds"), string("value")],
  deprecatedSince: "2.6.12",
  replacedBy: "`SET` with the `EX` argument",
  run: (context, args) => setWithExpiry(context, args, "EX", "setex"),
};
