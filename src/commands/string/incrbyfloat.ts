/**
 * INCRBYFLOAT: adds in extended precision, as Redis does, and logs the resulting text.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { addExtended, extendedText, parseExtended } from "../../base/extended-float.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { double, key } from "../argument.ts";
import type { Command } from "../command.ts";

export const incrbyfloatCommand: Command = {
  name: "incrbyfloat",
  group: "string",
  summary:
    "Increments the floating point value of a key by a number. Uses 0 as initial value if the key is missing.",
  since: "2.6.0",
  complexity: "O(1)",
  arity: 3,
  flags: ["write", "denyoom", "fast"],
  keys: [{ flags: ["RW", "access", "update"], first: 1, last: 1, step: 1 }],
  arguments: [key(), double("increment")],
  valueType: "string",
  run: (context, args) => {
    const { database } = context;
    const name = toBinaryString(args[1]);
    const value = context.borrowString(name);
    if (value instanceof ErrorReply) return value;
    const current = parseExtended(value === undefined ? "0" : toBinaryString(value));
    if (current === undefined) return errors.notAFloat;
    const by = parseExtended(toBinaryString(args[2]));
    if (by === undefined) return errors.notAFloat;
    if (current === "infinite" || by === "infinite") return errors.incrementNotANumber;
    const sum = addExtended(current, by);
    if (sum === "infinite") return errors.incrementNotANumber;
    const text = extendedText(sum);
    const expiryMs = context.expiryMsOf(name);
    context.apply({ id: EffectId.stringSet, database, key: name, value: text, expiryMs });
    return text;
  },
};
