/**
 * HSETNX: Sets the value of a field in a hash only when the field does not exist.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { key, string } from "../argument.ts";
import type { Command } from "../command.ts";

export const hsetnxCommand: Command = {
  name: "hsetnx",
  group: "hash",
  summary: "Sets the value of a field in a hash only when the field does not exist.",
  since: "2.0.0",
  complexity: "O(1)",
  arity: 4,
  flags: ["write", "denyoom", "fast"],
  keys: [{ flags: ["RW", "insert"], first: 1, last: 1, step: 1 }],
  arguments: [key(), string("field"), string("value")],
  valueType: "hash",
  run: (context, args) => {
    const { database } = context;
    const name = toBinaryString(args[1]);
    const hash = context.lookupHash(name);
    if (hash instanceof ErrorReply) return hash;
    if (hash?.has(toBinaryString(args[2])) === true) return 0;
    context.apply({ id: EffectId.hashSet, database, key: name, pairs: [args[2], args[3]] });
    return 1;
  },
};
