/**
 * CLIENT KILL: closes connections, in the old form (one address) or by filters that must all fit.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { OK } from "../../resp/frame.ts";
import {
  integer,
  multiple,
  oneOf,
  optional,
  since,
  string,
  token,
  withToken,
} from "../argument.ts";
import type { Command } from "../command.ts";
import { type CommandContext, optionName } from "../context.ts";
import { parseInteger } from "../integer-argument.ts";
import type { ClientFilter } from "../server-control.ts";
import { clientType } from "./client-type.ts";

const noSuchClient = new ErrorReply("ERR No such client");
const badId = new ErrorReply("ERR client-id should be greater than 0");
const badAge = new ErrorReply("ERR maxage is not an integer or out of range");
const badAgeRange = new ErrorReply("ERR maxage should be greater than 0");

const clientTypes = oneOf(
  "client-type",
  token("NORMAL"),
  since("3.2.0", token("MASTER")),
  token("SLAVE"),
  since("5.0.0", token("REPLICA")),
  token("PUBSUB"),
);

export const clientKillCommand: Command = {
  name: "client|kill",
  group: "connection",
  summary: "Closes connections.",
  since: "2.4.0",
  complexity: "O(N) where N is the number of client connections",
  arity: -3,
  flags: ["admin", "noscript", "loading", "stale"],
  arguments: [
    oneOf(
      "filter",
      { ...string("old-format"), displayText: "ip:port", deprecatedSince: "2.8.12" },
      multiple(
        oneOf(
          "new-format",
          since("2.8.12", optional(withToken("ID", integer("client-id")))),
          since("2.8.12", optional(withToken("TYPE", clientTypes))),
          optional(withToken("USER", string("username"))),
          optional(withToken("ADDR", { ...string("addr"), displayText: "ip:port" })),
          since(
            "6.2.0",
            optional(withToken("LADDR", { ...string("laddr"), displayText: "ip:port" })),
          ),
          optional(withToken("SKIPME", oneOf("skipme", token("YES"), token("NO")))),
          optional(withToken("MAXAGE", integer("maxage"))),
        ),
      ),
    ),
  ],
  history: [
    ["2.8.12", "Filters."],
    ["6.2.0", "The filter LADDR."],
  ],
  run: (context, args) => {
    const clients = context.server.clients;
    if (args.length === 3) {
      const filter = { address: toBinaryString(args[2]) };
      return clients.kill(filter, context.session) === 0 ? noSuchClient : OK;
    }
    const filter = parseFilter(context, args);
    return filter instanceof ErrorReply ? filter : clients.kill(filter, context.session);
  },
};

type Building = { -readonly [Name in keyof ClientFilter]: ClientFilter[Name] };

function parseFilter(context: CommandContext, args: readonly Bytes[]): ClientFilter | ErrorReply {
  const filter: Building = { skipSession: context.session };
  if (args.length % 2 !== 0) return errors.syntax;
  for (let index = 2; index < args.length; index += 2) {
    const failure = addOption(filter, context, optionName(args[index]), args[index + 1]);
    if (failure !== undefined) return failure;
  }
  return filter;
}

function addOption(
  filter: Building,
  context: CommandContext,
  option: string,
  argument: Bytes,
): ErrorReply | undefined {
  const text = toBinaryString(argument);
  switch (option) {
    case "ID": {
      const id = parseInteger(argument);
      if (id === undefined || id < 1) return badId;
      filter.ids = [id];
      return undefined;
    }
    case "MAXAGE": {
      const seconds = parseInteger(argument);
      if (seconds === undefined) return badAge;
      if (seconds <= 0) return badAgeRange;
      filter.maxAgeSeconds = seconds;
      return undefined;
    }
    case "TYPE": {
      const type = clientType(argument);
      if (type instanceof ErrorReply) return type;
      filter.type = type;
      return undefined;
    }
    case "USER":
      if (!context.server.hasUser(text)) {
        return new ErrorReply(`ERR No such user '${text.slice(0, 128)}'`);
      }
      filter.user = text;
      return undefined;
    case "ADDR":
      filter.address = text;
      return undefined;
    case "LADDR":
      filter.localAddress = text;
      return undefined;
    case "SKIPME": {
      const answer = optionName(argument);
      if (answer !== "YES" && answer !== "NO") return errors.syntax;
      filter.skipSession = answer === "YES" ? context.session : undefined;
      return undefined;
    }
    default:
      return errors.syntax;
  }
}
