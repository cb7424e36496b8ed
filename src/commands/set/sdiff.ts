/**
 * SDIFF: Returns the difference of multiple sets.
 */
import { ErrorReply } from "../../base/errors.ts";
import { SetReply } from "../../resp/frame.ts";
import { key, multiple } from "../argument.ts";
import type { Command } from "../command.ts";
import { difference, resultOf } from "./algebra.ts";

export const sdiffCommand: Command = {
  name: "sdiff",
  group: "set",
  summary: "Returns the difference of multiple sets.",
  since: "1.0.0",
  complexity: "O(N) where N is the total number of elements in all given sets.",
  arity: -2,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: -1, step: 1 }],
  arguments: [multiple(key())],
  tips: ["nondeterministic_output_order"],
  valueType: "set",
  run: (context, args) => {
    const members = resultOf(context, args, difference);
    return members instanceof ErrorReply ? members : new SetReply(members);
  },
};
