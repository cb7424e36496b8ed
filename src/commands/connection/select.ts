/**
 * SELECT: changes the database of the connection.
 */
import { ErrorReply } from "../../base/errors.ts";
import { OK } from "../../resp/frame.ts";
import { integer } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseDatabase } from "../database-argument.ts";

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
    const index = parseDatabase(args[1], context.keyspace.databases.length);
    if (index instanceof ErrorReply) return index;
    context.session.database = index;
    return OK;
  },
};
