/**
 * CLIENT UNBLOCK: ends another connection's blocking command, as if its time had passed or with an
 * error.
 */
import { ErrorReply, errors } from "../../base/errors.ts";
import { integer, oneOf, optional, token } from "../argument.ts";
import type { Command } from "../command.ts";
import { optionName } from "../context.ts";
import { parseInteger } from "../integer-argument.ts";

const badReason = new ErrorReply("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");

export const clientUnblockCommand: Command = {
  name: "client|unblock",
  group: "connection",
  summary: "Unblocks a client that is blocked by a command.",
  since: "5.0.0",
  complexity: "O(log N) where N is the number of client connections",
  arity: -3,
  flags: ["admin", "noscript", "loading", "stale"],
  arguments: [
    integer("client-id"),
    optional(oneOf("unblock-type", token("TIMEOUT"), token("ERROR"))),
  ],
  run: (context, args) => {
    let isError = false;
    if (args.length === 4) {
      const reason = optionName(args[3]);
      if (reason === "ERROR") isError = true;
      else if (reason !== "TIMEOUT") return badReason;
    } else if (args.length > 4) return errors.syntax;
    const id = parseInteger(args[2]);
    if (id === undefined) return errors.notAnInteger;
    return context.server.clients.unblock(id, isError ? "error" : "timeout") ? 1 : 0;
  },
};
