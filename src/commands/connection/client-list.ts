/**
 * CLIENT LIST: a line for each connection, all or those of a type or with certain ids.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { VerbatimReply } from "../../resp/frame.ts";
import { integer, multiple, oneOf, optional, since, token, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { optionName } from "../context.ts";
import { parseInteger } from "../integer-argument.ts";
import { clientType } from "./client-type.ts";

const invalidId = new ErrorReply("ERR Invalid client ID");

export const clientListCommand: Command = {
  name: "client|list",
  group: "connection",
  summary: "Lists open connections.",
  since: "2.4.0",
  complexity: "O(N) where N is the number of client connections",
  arity: -2,
  flags: ["admin", "noscript", "loading", "stale"],
  arguments: [
    since(
      "5.0.0",
      optional(
        withToken(
          "TYPE",
          oneOf("client-type", token("NORMAL"), token("MASTER"), token("REPLICA"), token("PUBSUB")),
        ),
      ),
    ),
    since("6.2.0", optional(withToken("ID", multiple(integer("client-id"))))),
  ],
  tips: ["nondeterministic_output"],
  run: (context, args) => {
    const clients = context.server.clients;
    let sessions = clients.all();
    if (args.length === 4 && optionName(args[2]) === "TYPE") {
      const type = clientType(args[3]);
      if (type instanceof ErrorReply) return type;
      if (type !== "normal") sessions = [];
    } else if (args.length >= 4 && optionName(args[2]) === "ID") {
      const ids = parseIds(args);
      if (ids === undefined) return invalidId;
      sessions = sessions.filter((session) => ids.has(session.id));
    } else if (args.length !== 2) return errors.syntax;
    const lines = sessions.map((session) => `${clients.describe(session)}\n`);
    return new VerbatimReply("txt", lines.join(""));
  },
};

function parseIds(args: readonly Bytes[]): Set<number> | undefined {
  const ids = new Set<number>();
  for (let index = 3; index < args.length; index += 1) {
    const id = parseInteger(toBinaryString(args[index]));
    if (id === undefined) return undefined;
    ids.add(id);
  }
  return ids;
}
