/**
 * SETEX, PSETEX and SETNX: SET in its older spellings.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { OK, type Reply } from "../../resp/frame.ts";
import { integer, key, string } from "../argument.ts";
import type { Command } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { type ExpiryUnit, parseExpiry } from "../expiry-argument.ts";
import { setString } from "./setting.ts";

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

export const setnxCommand: Command = {
  name: "setnx",
  group: "string",
  summary: "Sets the string value of a key only when the key is missing.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: 3,
  flags: ["write", "denyoom", "fast"],
  keys: [{ flags: ["OW", "insert"], first: 1, last: 1, step: 1 }],
  arguments: [key(), string("value")],
  deprecatedSince: "2.6.12",
  replacedBy: "`SET` with the `NX` argument",
  run: (context, args) => {
    const name = toBinaryString(args[1]);
    if (context.lookup(name) !== undefined) return 0;
    setString(context, name, args[2], 0);
    return 1;
  },
};

function setWithExpiry(
  context: CommandContext,
  args: readonly Bytes[],
  unit: ExpiryUnit,
  commandName: string,
): Reply {
  const expiryMs = parseExpiry(args[2], unit, context.nowMs, commandName);
  if (expiryMs instanceof ErrorReply) return expiryMs;
  const name = toBinaryString(args[1]);
  context.lookup(name);
  setString(context, name, args[3], expiryMs);
  return OK;
}
