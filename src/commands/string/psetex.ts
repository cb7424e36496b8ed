/**
 * PSETEX: SET with PX, in its older spelling.
 */
import { integer, key, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { setexCommand } from "./setex.ts";
import { setWithExpiry } from "./setting.ts";

export const psetexCommand: Command = {
  ...setexCommand,
  name: "psetex",
  summary:
    "Sets both string value and expiration time in milliseconds of a key. The key is created if it is missing.",
  since: "2.6.0",
  arguments: [key(), integer("milliseconds"), string("value")],
  replacedBy: "`SET` with the `PX` argument",
  run: (context, args) => setWithExpiry(context, args, "PX", "psetex"),
};
