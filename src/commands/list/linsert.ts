/**
 * LINSERT: Inserts an element before or after another element in a list.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { key, oneOf, string, token } from "../argument.ts";
import type { Command } from "../command.ts";
import { optionName } from "../context.ts";

export const linsertCommand: Command = {
  name: "linsert",
  group: "list",
  summary: "Inserts an element before or after another element in a list.",
  since: "2.2.0",
  complexity: "O(N) where N is the number of elements to traverse before seeing the pivot",
  arity: 5,
  flags: ["write", "denyoom"],
  keys: [{ flags: ["RW", "insert"], first: 1, last: 1, step: 1 }],
  arguments: [
    key(),
    oneOf("where", token("BEFORE"), token("AFTER")),
    string("pivot"),
    string("element"),
  ],
  valueType: "list",
  run: (context, args) => {
    const { database } = context;
    const where = optionName(args[2]);
    if (where !== "BEFORE" && where !== "AFTER") return errors.syntax;
    const name = toBinaryString(args[1]);
    const list = context.lookupList(name);
    if (list instanceof ErrorReply) return list;
    if (list === undefined) return 0;
    for (const found of list.matches(args[3], false)) {
      const index = where === "AFTER" ? found + 1 : found;
      context.apply({ id: EffectId.listInsert, database, key: name, index, value: args[4] });
      return list.length;
    }
    return -1;
  },
};
