/**
 * HINCRBYFLOAT: Increments the floating point value of a field by a number. Uses 0 as initial value
 * if the field is missing.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { addExtended, extendedText, parseExtended } from "../../base/extended-float.ts";
import { double, key, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { updateField } from "./setting.ts";

const notAFloat = new ErrorReply("ERR hash value is not a float");
const infinite = new ErrorReply("ERR value is NaN or Infinity");

export const hincrbyfloatCommand: Command = {
  name: "hincrbyfloat",
  group: "hash",
  summary:
    "Increments the floating point value of a field by a number. Uses 0 as initial value if the field is missing.",
  since: "2.6.0",
  complexity: "O(1)",
  arity: 4,
  flags: ["write", "denyoom", "fast"],
  keys: [{ flags: ["RW", "access", "update"], first: 1, last: 1, step: 1 }],
  arguments: [key(), string("field"), double("increment")],
  valueType: "hash",
  run: (context, args) => {
    const by = parseExtended(toBinaryString(args[3]));
    if (by === undefined) return errors.notAFloat;
    if (by === "infinite") return infinite;
    const name = toBinaryString(args[1]);
    const hash = context.lookupHash(name);
    if (hash instanceof ErrorReply) return hash;
    const field = toBinaryString(args[2]);
    const current = parseExtended(toBinaryString(hash?.get(field) ?? "0"));
    if (current === undefined) return notAFloat;
    const sum = current === "infinite" ? current : addExtended(current, by);
    if (sum === "infinite") return errors.incrementNotANumber;
    const text = extendedText(sum);
    updateField(context, name, hash, field, text);
    return text;
  },
};
