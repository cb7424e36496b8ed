/**
 * LINDEX: Returns an element from a list by its index.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { integer, key } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseClampedInteger } from "../integer-argument.ts";

export const lindexCommand: Command = {
  name: "lindex",
  group: "list",
  summary: "Returns an element from a list by its index.",
  since: "1.0.0",
  complexity: "O(N) where N is the number of chunks to traverse to get to the element",
  arity: 3,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key(), integer("index")],
  valueType: "list",
  run: (context, args) => {
    const list = context.lookupList(toBinaryString(args[1]));
    if (list instanceof ErrorReply) return list;
    if (list === undefined) return null;
    const index = parseClampedInteger(args[2]);
    if (index === undefined) return errors.notAnInteger;
    return list.get(index < 0 ? list.length + index : index) ?? null;
  },
};
