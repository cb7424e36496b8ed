/**
 * DECRBY: Decrements a number from the integer value of a key. Uses 0 as initial value if the key
 * is missing.
 */
import { ErrorReply, errors } from "../../base/errors.ts";
import { INT64_MIN, parseInt64 } from "../../base/int64.ts";
import { integer, key } from "../argument.ts";
import type { Command } from "../command.ts";
import { increment } from "./increment.ts";

const decrementOverflow = new ErrorReply("ERR decrement would overflow");

export const decrbyCommand: Command = {
  name: "decrby",
  group: "string",
  summary:
    "Decrements a number from the integer value of a key. Uses 0 as initial value if the key is missing.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: 3,
  flags: ["write", "denyoom", "fast"],
  keys: [{ flags: ["RW", "access", "update"], first: 1, last: 1, step: 1 }],
  arguments: [key(), integer("decrement")],
  valueType: "string",
  run: (context, args) => {
    const by = parseInt64(args[2]);
    if (by === undefined) return errors.notAnInteger;
    if (by === INT64_MIN) return decrementOverflow;
    return increment(context, args[1], -by);
  },
};
