/**
 * LSET: Sets the value of an element in a list by its index.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { OK } from "../../resp/frame.ts";
import { integer, key, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseClampedInteger } from "../integer-argument.ts";

export const lsetCommand: Command = {
  name: "lset",
  group: "list",
  summary: "Sets the value of an element in a list by its index.",
  since: "1.0.0",
  complexity: "O(N) where N is the length of the list; O(1) at both ends",
  arity: 4,
  flags: ["write", "denyoom"],
  keys: [{ flags: ["RW", "update"], first: 1, last: 1, step: 1 }],
  arguments: [key(), integer("index"), string("element")],
  valueType: "list",
  run: (context, args) => {
    const { database } = context;
    const name = toBinaryString(args[1]);
    const list = context.lookupList(name);
    if (list instanceof ErrorReply) return list;
    if (list === undefined) return errors.noSuchKey;
    const given = parseClampedInteger(args[2]);
    if (given === undefined) return errors.notAnInteger;
    const index = given < 0 ? list.length + given : given;
    if (index < 0 || index >= list.length) return errors.indexOutOfRange;
    context.apply({ id: EffectId.listSet, database, key: name, index, value: args[3] });
    return OK;
  },
};
