/**
 * HGETDEL: Returns the values of fields and deletes them.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { key } from "../argument.ts";
import type { Command } from "../command.ts";
import { fieldsArgument, notPositiveCount, parseFields } from "./field-arguments.ts";

export const hgetdelCommand: Command = {
  name: "hgetdel",
  group: "hash",
  summary: "Returns the value of a field and deletes it from the hash.",
  since: "8.0.0",
  complexity: "O(N) where N is the number of specified fields",
  arity: -5,
  flags: ["write", "fast"],
  keys: [{ flags: ["RW", "access", "delete"], first: 1, last: 1, step: 1 }],
  arguments: [key(), fieldsArgument],
  valueType: "hash",
  run: (context, args) => {
    const { database } = context;
    const name = toBinaryString(args[1]);
    const hash = context.lookupHash(name);
    if (hash instanceof ErrorReply) return hash;
    const fields = parseFields(args, 2, notPositiveCount);
    if (fields instanceof ErrorReply) return fields;
    const taken = new Set<string>();
    const values = fields.map((field) => {
      const value = taken.has(field) ? undefined : hash?.get(field);
      if (value === undefined) return null;
      taken.add(field);
      return value;
    });
    if (taken.size > 0) {
      context.apply({ id: EffectId.hashDelete, database, key: name, fields: [...taken] });
    }
    return values;
  },
};
