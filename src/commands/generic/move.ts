/**
 * MOVE: Moves a key to another database.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { flatValue } from "../../keyspace/restored-value.ts";
import { integer, key } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseDatabase } from "../database-argument.ts";

const sameObject = new ErrorReply("ERR source and destination objects are the same");

export const moveCommand: Command = {
  name: "move",
  group: "generic",
  summary: "Moves a key to another database.",
  since: "1.0.0",
  complexity: "O(N) where N is the size of the value",
  arity: 3,
  flags: ["write", "fast"],
  keys: [{ flags: ["RW", "access", "update"], first: 1, last: 1, step: 1 }],
  arguments: [key(), integer("db")],
  run: (context, args) => {
    const other = parseDatabase(args[2], context.keyspace.databases.length);
    if (other instanceof ErrorReply) return other;
    const { database } = context;
    if (other === database) return sameObject;
    const name = toBinaryString(args[1]);
    const entry = context.lookup(name);
    if (entry === undefined || context.lookupIn(other, name) !== undefined) return 0;
    if (!context.hasRoomFor(entry)) return errors.unitTooLarge;
    const value = flatValue(entry.value);
    const { expiryMs } = entry;
    context.apply({ id: EffectId.keyDelete, database, key: name, reason: "deleted" });
    context.apply({ id: EffectId.keyRestore, database: other, key: name, value, expiryMs });
    return 1;
  },
};
