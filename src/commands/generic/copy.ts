/**
 * COPY: the value of a key under another name, perhaps in another database.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { flatValue } from "../../keyspace/restored-value.ts";
import { integer, key, optional, token, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { type CommandContext, optionName } from "../context.ts";
import { parseDatabase } from "../database-argument.ts";

const sameObject = new ErrorReply("ERR source and destination objects are the same");

export const copyCommand: Command = {
  name: "copy",
  group: "generic",
  summary: "Copies the value of a key to a new key.",
  since: "6.2.0",
  complexity: "O(N) worst case for collections, where N is the number of nested items",
  arity: -3,
  flags: ["write", "denyoom"],
  keys: [
    { flags: ["RO", "access"], first: 1, last: 1, step: 1 },
    { flags: ["OW", "update"], first: 2, last: 2, step: 1 },
  ],
  arguments: [
    key("source"),
    key("destination", 1),
    optional(withToken("DB", integer("destination-db"))),
    optional(token("REPLACE")),
  ],
  run: (context, args) => {
    const options = parseOptions(context, args);
    if (options instanceof ErrorReply) return options;
    const { database, isReplace } = options;
    const from = toBinaryString(args[1]);
    const to = toBinaryString(args[2]);
    if (database === context.database && from === to) return sameObject;
    const entry = context.lookup(from);
    if (entry === undefined) return 0;
    if (!context.hasRoomFor(entry)) return errors.unitTooLarge;
    const target = context.lookupIn(database, to);
    if (target !== undefined) {
      if (!isReplace) return 0;
      context.apply({ id: EffectId.keyDelete, database, key: to, reason: "deleted" });
    }
    const value = flatValue(entry.value);
    const { expiryMs } = entry;
    context.apply({ id: EffectId.keyRestore, database, key: to, value, expiryMs });
    return 1;
  },
};

function parseOptions(
  context: CommandContext,
  args: readonly Bytes[],
): { database: number; isReplace: boolean } | ErrorReply {
  const options = { database: context.database, isReplace: false };
  for (let index = 3; index < args.length; index += 1) {
    const option = optionName(args[index]);
    if (option === "REPLACE") options.isReplace = true;
    else if (option === "DB" && index + 1 < args.length) {
      index += 1;
      const database = parseDatabase(args[index], context.keyspace.databases.length);
      if (database instanceof ErrorReply) return database;
      options.database = database;
    } else return errors.syntax;
  }
  return options;
}
