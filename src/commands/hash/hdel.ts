/**
 * HDEL: Deletes one or more fields and their values from a hash. Deletes the hash if no fields
 * remain.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { key, multiple, string } from "../argument.ts";
import type { Command } from "../command.ts";

export const hdelCommand: Command = {
  name: "hdel",
  group: "hash",
  summary:
    "Deletes one or more fields and their values from a hash. Deletes the hash if no fields remain.",
  since: "2.0.0",
  complexity: "O(N) where N is the number of fields to be removed",
  arity: -3,
  flags: ["write", "fast"],
  keys: [{ flags: ["RW", "delete"], first: 1, last: 1, step: 1 }],
  arguments: [key(), multiple(string("field"))],
  history: [["2.4.0", "Accepts multiple `field` arguments."]],
  valueType: "hash",
  run: (context, args) => {
    const { database } = context;
    const name = toBinaryString(args[1]);
    const hash = context.lookupHash(name);
    if (hash instanceof ErrorReply) return hash;
    if (hash === undefined) return 0;
    const fields = new Set<string>();
    for (let index = 2; index < args.length; index += 1) {
      const field = toBinaryString(args[index]);
      if (hash.has(field)) fields.add(field);
    }
    if (fields.size === 0) return 0;
    context.apply({ id: EffectId.hashDelete, database, key: name, fields: [...fields] });
    return fields.size;
  },
};
