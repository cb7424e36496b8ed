/**
 * LTRIM: Removes elements from both ends of a list. Deletes the list if all elements were trimmed.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { OK } from "../../resp/frame.ts";
import { integer, key } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseClampedInteger } from "../integer-argument.ts";
import { indexRange } from "./index-range.ts";

export const ltrimCommand: Command = {
  name: "ltrim",
  group: "list",
  summary:
    "Removes elements from both ends of a list. Deletes the list if all elements were trimmed.",
  since: "1.0.0",
  complexity: "O(N) where N is the number of elements to be removed by the operation",
  arity: 4,
  flags: ["write"],
  keys: [{ flags: ["RW", "delete"], first: 1, last: 1, step: 1 }],
  arguments: [key(), integer("start"), integer("stop")],
  valueType: "list",
  run: (context, args) => {
    const { database } = context;
    const start = parseClampedInteger(args[2]);
    const stop = parseClampedInteger(args[3]);
    if (start === undefined || stop === undefined) return errors.notAnInteger;
    const name = toBinaryString(args[1]);
    const list = context.lookupList(name);
    if (list instanceof ErrorReply) return list;
    if (list === undefined) return OK;
    const range = indexRange(start, stop, list.length);
    if (range.count < list.length) {
      context.apply({ id: EffectId.listTrim, database, key: name, ...range });
    }
    return OK;
  },
};
