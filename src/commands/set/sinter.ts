/**
 * SINTER: Returns the intersect of multiple sets.
 */
import { ErrorReply } from "../../base/errors.ts";
import { SetReply } from "../../resp/frame.ts";
import { key, multiple } from "../argument.ts";
import type { Command } from "../command.ts";
import { intersection, resultOf } from "./algebra.ts";

export const sinterCommand: Command = {
  name: "sinter",
  group: "set",
  summary: "Returns the intersect of multiple sets.",
  since: "1.0.0",
  complexity:
    "O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.",
  arity: -2,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: -1, step: 1 }],
  arguments: [multiple(key())],
  tips: ["nondeterministic_output_order"],
  valueType: "set",
  run: (context, args) => {
    const members = resultOf(context, args, intersection);
    return members instanceof ErrorReply ? members : new SetReply(members);
  },
};
