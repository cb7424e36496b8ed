/**
 * HINCRBY: Increments the integer value of a field in a hash by a number. Uses 0 as initial value
 * if the field is missing.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { parseInt64 } from "../../base/int64.ts";
import { integer, key, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { addTo } from "../integer-addition.ts";
import { updateField } from "./setting.ts";

const notAnInteger = new ErrorReply("ERR hash value is not an integer");

export const hincrbyCommand: Command = {
  name: "hincrby",
  group: "hash",
  summary:
    "Increments the integer value of a field in a hash by a number. Uses 0 as initial value if the field is missing.",
  since: "2.0.0",
  complexity: "O(1)",
  arity: 4,
  flags: ["write", "denyoom", "fast"],
  keys: [{ flags: ["RW", "access", "update"], first: 1, last: 1, step: 1 }],
  arguments: [key(), string("field"), integer("increment")],
  valueType: "hash",
  run: (context, args) => {
    const by = parseInt64(args[3]);
    if (by === undefined) return errors.notAnInteger;
    const name = toBinaryString(args[1]);
    const hash = context.lookupHash(name);
    if (hash instanceof ErrorReply) return hash;
    const current = hash?.get(toBinaryString(args[2])) ?? "0";
    const sum = addTo(current, by);
    if (sum === errors.notAnInteger) return notAnInteger;
    if (sum instanceof ErrorReply) return sum;
    updateField(context, name, hash, args[2], String(sum));
    return sum;
  },
};
