/**
 * GETEX: the value, and a new expiry or none.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { key } from "../argument.ts";
import type { Command } from "../command.ts";
import { expirationArgument, parseExpiry } from "../expiry-argument.ts";
import { parseSetOptions } from "./set-options.ts";
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
  arguments: [key(), expirationArgument("PERSIST")],
  valueType: "string",
  run: (context, args) => {
    const { database, nowMs } = context;
    const options = parseSetOptions(args, 2, true);
    if (options instanceof ErrorReply) return options;
    const name = toBinaryString(args[1]);
    const value = context.lookupString(name);
    if (value === undefined) return null;
    if (value instanceof ErrorReply) return value;
    if (options.expiryUnit !== undefined) {
      const expiryMs = parseExpiry(options.expiryArgument, options.expiryUnit, nowMs, "getex");
      if (expiryMs instanceof ErrorReply) return expiryMs;
      if (expiryMs <= nowMs) deleteKey(context, name);
      else context.apply({ id: EffectId.expirySet, database, key: name, expiryMs });
    } else if (options.isPersist && context.expiryMsOf(name) !== 0) {
      context.apply({ id: EffectId.expirySet, database, key: name, expiryMs: 0 });
    }
    return value;
  },
};
