/**
 * INCRBY: Increments the integer value of a key by a number. Uses 0 as initial value if the key is
 * missing.
 */
import { errors } from "../../base/errors.ts";
import { parseInt64 } from "../../base/int64.ts";
import { integer, key } from "../argument.ts";
import type { Command } from "../command.ts";
import { increment } from "./increment.ts";

export const incrbyCommand: Command = {
  name: "incrby",
  group: "string",
  summary:
    "Increments the integer value of a key by a number. Uses 0 as initial value if the key is missing.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: 3,
  flags: ["write", "denyoom", "fast"],
  keys: [{ flags: ["RW", "access", "update"], first: 1, last: 1, step: 1 }],
  arguments: [key(), integer("increment")],
  valueType: "string",
  run: (context, args) => {
    const by = parseInt64(args[2]);
    if (by === undefined) return errors.notAnInteger;
    return increment(context, args[1], by);
  },
};
