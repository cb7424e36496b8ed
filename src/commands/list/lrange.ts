/**
 * LRANGE: Returns a range of elements from a list.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { integer, key } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseClampedInteger } from "../integer-argument.ts";
import { indexRange } from "./index-range.ts";

export const lrangeCommand: Command = {
  name: "lrange",
  group: "list",
  summary: "Returns a range of elements from a list.",
  since: "1.0.0",
  complexity:
    "O(S+N) where S is the distance of start offset from HEAD and N is the number of elements in the specified range",
  arity: 4,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key(), integer("start"), integer("stop")],
  valueType: "list",
  run: (context, args) => {
    const start = parseClampedInteger(args[2]);
    const stop = parseClampedInteger(args[3]);
    if (start === undefined || stop === undefined) return errors.notAnInteger;
    const list = context.lookupList(toBinaryString(args[1]));
    if (list instanceof ErrorReply) return list;
    if (list === undefined) return [];
    const range = indexRange(start, stop, list.length);
    return list.slice(range.start, range.count);
  },
};
