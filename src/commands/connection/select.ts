/**
 * SELECT: changes the database of the connection.
 */
import { errors } from "../../base/errors.ts";
import { OK } from "../../resp/frame.ts";
import { integer } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseInteger } from "../integer-argument.ts";

export const selectCommand: Command = {
  name: "select",
  group: "connection",
  summary: "Changes the selected database.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: 2,
  flags: ["loading", "stale", "fast"],
  arguments: [integer("index")],
  run: (context, args) => {
    const index = parseInteger(args[1]);
    if (index === undefined) return errors.notAnInteger;
    if (index < 0 || index >= context.keyspace.databases.length) {
      return errors.databaseIndexOutOfRange;
    }
    context.session.database = index;
    return OK;
  },
};
