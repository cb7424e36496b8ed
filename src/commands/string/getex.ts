/**
 * GETEX: the value, and a new expiry or none.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { integer, key, oneOf, optional, token, unixTime, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { optionName } from "../context.ts";
import { isExpiryUnit, parseExpiry } from "../expiry-argument.ts";
import { deleteKey } from "./setting.ts";

export const getexCommand: Command = {
  name: "getex",
  group: "string",
  summary: "Returns the string value of a key after setting its expiration time.",
  since: "6.2.0",
  complexity: "O(1)",
  arity: -2,
  flags: ["write", "fast"],
  keys: [{ flags: ["RW", "access", "update"], first: 1, last: 1, step: 1 }],
  arguments: [
    key(),
    optional(
      oneOf(
        "expiration",
        withToken("EX", integer("seconds")),
        withToken("PX", integer("milliseconds")),
        withToken("EXAT", unixTime("unix-time-seconds")),
        withToken("PXAT", unixTime("unix-time-milliseconds")),
        token("PERSIST"),
      ),
    ),
  ],
  valueType: "string",
  run: (context, args) => {
    const { database, nowMs } = context;
    const option = args.length > 2 ? optionName(args[2]) : "";
    const isPersist = option === "PERSIST" && args.length === 3;
    const isExpiry = isExpiryUnit(option) && args.length === 4;
    if (args.length > 2 && !isPersist && !isExpiry) return errors.syntax;
    const name = toBinaryString(args[1]);
    const value = context.lookupString(name);
    if (value === undefined) return null;
    if (value instanceof ErrorReply) return value;
    const { bytes } = value;
    if (isExpiry && isExpiryUnit(option)) {
      const expiryMs = parseExpiry(args[3], option, nowMs, "getex");
      if (expiryMs instanceof ErrorReply) return expiryMs;
      if (expiryMs <= nowMs) deleteKey(context, name);
      else context.apply({ id: EffectId.expirySet, database, key: name, expiryMs });
    } else if (isPersist && (context.peek(name)?.expiryMs ?? 0) !== 0) {
      context.apply({ id: EffectId.expirySet, database, key: name, expiryMs: 0 });
    }
    return bytes;
  },
};
