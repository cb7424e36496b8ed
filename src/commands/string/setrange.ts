/**
 * SETRANGE: overwrites a part of a string, filling the gap with zero bytes.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { parseInt64 } from "../../base/int64.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { integer, key, string } from "../argument.ts";
import type { Command } from "../command.ts";

export const setrangeCommand: Command = {
  name: "setrange",
  group: "string",
  summary:
    "Overwrites a part of a string value with another by an offset. Creates the key if it is missing.",
  since: "2.2.0",
  complexity:
    "O(N) where N is the length of the value; O(1) amortized for what lies between the old end and it",
  arity: 4,
  flags: ["write", "denyoom"],
  keys: [{ flags: ["RW", "update"], first: 1, last: 1, step: 1 }],
  arguments: [key(), integer("offset"), string("value")],
  valueType: "string",
  run: (context, args) => {
    const { database } = context;
    const offset = parseInt64(args[2]);
    if (offset === undefined) return errors.notAnInteger;
    if (offset < 0n) return errors.offsetOutOfRange;
    const name = toBinaryString(args[1]);
    const value = context.borrowString(name);
    if (value instanceof ErrorReply) return value;
    const before = value?.length ?? 0;
    if (args[3].length === 0) return before;
    const bytesMax = BigInt(context.server.configuration.number("proto-max-bulk-len"));
    if (offset + BigInt(args[3].length) > bytesMax) return errors.stringTooLong;
    const at = Number(offset);
    context.apply({
      id: EffectId.stringSetRange,
      database,
      key: name,
      offset: at,
      value: args[3],
    });
    return Math.max(before, at + args[3].length);
  },
};
