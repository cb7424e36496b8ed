/**
 * HELLO: the handshake. Chooses the protocol, may authenticate and name the connection; answers
 * with what the server is. Nothing is changed unless all of it is valid.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { REDIS_VERSION } from "../../base/version.ts";
import { MapReply } from "../../resp/frame.ts";
import { block, integer, optional, string, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { optionName } from "../context.ts";
import { parseInteger } from "../integer-argument.ts";
import { loadedModules } from "../server/module-list.ts";
import { isClientAttribute } from "./client-attribute.ts";

const versionNotAnInteger = new ErrorReply(
  "ERR Protocol version is not an integer or out of range",
);
const badClientName = new ErrorReply(
  "ERR Client names cannot contain spaces, newlines or special characters.",
);
const notAuthenticated = new ErrorReply(
  "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO " +
    "<proto> AUTH <user> <pass> option can be used to authenticate the client and select the " +
    "RESP protocol version at the same time",
);

export const helloCommand: Command = {
  name: "hello",
  group: "connection",
  summary: "Shakes hands with the server.",
  since: "6.0.0",
  complexity: "O(1)",
  arity: -1,
  flags: ["noscript", "loading", "stale", "fast", "no_auth", "allow_busy"],
  arguments: [
    optional(
      block(
        "arguments",
        integer("protover"),
        optional(withToken("AUTH", block("auth", string("username"), string("password")))),
        optional(withToken("SETNAME", string("clientname"))),
      ),
    ),
  ],
  history: [
    ["6.2.0", "The protocol version became optional; without it, the present one is told."],
  ],
  carriesSecret: true,
  run: (context, args) => {
    const asked = parseHello(args);
    if (asked instanceof ErrorReply) return asked;
    const session = context.session;
    if (asked.password !== undefined) {
      if (!context.server.authenticate(asked.userName, asked.password)) return errors.wrongPassword;
      session.isAuthenticated = true;
      session.userName = asked.userName;
    }
    if (!session.isAuthenticated) return notAuthenticated;
    if (asked.clientName !== undefined) session.name = asked.clientName;
    if (asked.protocol !== undefined) session.protocol = asked.protocol;
    return new MapReply([
      "server",
      "redis",
      "version",
      REDIS_VERSION,
      "proto",
      session.protocol,
      "id",
      session.id,
      "mode",
      "standalone",
      "role",
      "master",
      "modules",
      loadedModules(),
    ]);
  },
};

interface Hello {
  protocol: 2 | 3 | undefined;
  userName: string;
  password: Bytes | undefined;
  clientName: string | undefined;
}

function parseHello(args: readonly Bytes[]): Hello | ErrorReply {
  const hello: Hello = {
    protocol: undefined,
    userName: "",
    password: undefined,
    clientName: undefined,
  };
  if (args.length > 1) {
    const version = parseInteger(args[1]);
    if (version === undefined) return versionNotAnInteger;
    if (version !== 2 && version !== 3) return errors.noProtocol;
    hello.protocol = version;
  }
  for (let index = 2; index < args.length; index += 1) {
    const option = optionName(args[index]);
    const leftCount = args.length - 1 - index;
    if (option === "AUTH" && leftCount >= 2) {
      hello.userName = toBinaryString(args[index + 1]);
      hello.password = args[index + 2];
      index += 2;
    } else if (option === "SETNAME" && leftCount >= 1) {
      const name = toBinaryString(args[index + 1]);
      if (!isClientAttribute(name)) return badClientName;
      hello.clientName = name;
      index += 1;
    } else {
      const shown = toBinaryString(args[index]).slice(0, 128);
      return new ErrorReply(`ERR Syntax error in HELLO option '${shown}'`);
    }
  }
  return hello;
}
