/**
 * CLIENT SETNAME: a name for CLIENT LIST; empty takes it away.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { OK } from "../../resp/frame.ts";
import { string } from "../argument.ts";
import type { Command } from "../command.ts";
import { isClientAttribute } from "./client-attribute.ts";

const badName = new ErrorReply(
  "ERR Client names cannot contain spaces, newlines or special characters.",
);

export const clientSetnameCommand: Command = {
  name: "client|setname",
  group: "connection",
  summary: "Names the connection.",
  since: "2.6.9",
  complexity: "O(1)",
  arity: 3,
  flags: ["noscript", "loading", "stale"],
  arguments: [string("connection-name")],
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  run: (context, args) => {
    const name = toBinaryString(args[2]);
    if (!isClientAttribute(name)) return badName;
    context.session.name = name;
    return OK;
  },
};
