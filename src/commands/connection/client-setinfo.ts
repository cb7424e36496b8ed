/**
 * CLIENT SETINFO: the library behind the connection, for CLIENT LIST, and for the few replies whose
 * shape a library expects to differ.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { OK } from "../../resp/frame.ts";
import { oneOf, string, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { isClientAttribute } from "./client-attribute.ts";

export const clientSetinfoCommand: Command = {
  name: "client|setinfo",
  group: "connection",
  summary: "Sets information about the client library.",
  since: "7.2.0",
  complexity: "O(1)",
  arity: 4,
  flags: ["noscript", "loading", "stale"],
  arguments: [
    oneOf("attr", withToken("LIB-NAME", string("libname")), withToken("LIB-VER", string("libver"))),
  ],
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  run: (context, args) => {
    const attribute = toBinaryString(args[2]).toLowerCase();
    const text = toBinaryString(args[3]);
    if (attribute !== "lib-name" && attribute !== "lib-ver") {
      return new ErrorReply(`ERR Unrecognized option '${toBinaryString(args[2]).slice(0, 128)}'`);
    }
    if (!isClientAttribute(text)) {
      return new ErrorReply(
        `ERR ${attribute} cannot contain spaces, newlines or special characters.`,
      );
    }
    if (attribute === "lib-name") context.session.libraryName = text;
    else context.session.libraryVersion = text;
    return OK;
  },
};
