/**
 * SWAPDB: two databases change places, for every client at once.
 */
import { ErrorReply, errors } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { OK } from "../../resp/frame.ts";
import { integer } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseInteger } from "../integer-argument.ts";

const invalidFirst = new ErrorReply("ERR invalid first DB index");
const invalidSecond = new ErrorReply("ERR invalid second DB index");

export const swapdbCommand: Command = {
  name: "swapdb",
  group: "server",
  summary: "Swaps two databases.",
  since: "4.0.0",
  complexity: "O(N) where N is the number of watched keys in both databases",
  arity: 3,
  flags: ["write", "fast"],
  categories: ["keyspace", "dangerous"],
  arguments: [integer("index1"), integer("index2")],
  run: (context, args) => {
    const database = parseInteger(args[1]);
    if (database === undefined) return invalidFirst;
    const other = parseInteger(args[2]);
    if (other === undefined) return invalidSecond;
    const count = context.keyspace.databases.length;
    if (database < 0 || database >= count || other < 0 || other >= count) {
      return errors.databaseIndexOutOfRange;
    }
    if (database !== other) context.apply({ id: EffectId.databaseSwap, database, other });
    return OK;
  },
};
