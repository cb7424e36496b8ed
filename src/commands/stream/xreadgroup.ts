/**
 * XREADGROUP: Returns new or historical messages from a stream for a consumer in a group.
 */
import { ErrorReply } from "../../base/errors.ts";
import { block, integer, key, multiple, optional, string, token, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseReadArguments } from "./read-arguments.ts";
import { read } from "./reading.ts";

export const xreadgroupCommand: Command = {
  name: "xreadgroup",
  group: "stream",
  summary:
    "Returns new or historical messages from a stream for a consumer in a group. Blocks until a message is available otherwise.",
  since: "5.0.0",
  complexity:
    "For each stream mentioned: O(M) with M being the number of elements returned. If M is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1). On the other side when XREADGROUP blocks, XADD will pay the O(N) time in order to serve the N clients blocked on the stream getting new data.",
  arity: -7,
  flags: ["write", "blocking", "movablekeys"],
  keys: [{ flags: ["RO", "access"], keyword: "STREAMS", searchFrom: 4 }],
  arguments: [
    withToken("GROUP", block("group-block", string("group"), string("consumer"))),
    optional(withToken("COUNT", integer("count"))),
    optional(withToken("BLOCK", integer("milliseconds"))),
    optional(token("NOACK")),
    withToken("STREAMS", block("streams", multiple(key()), multiple(string("id")))),
  ],
  run: (context, args) => {
    const request = parseReadArguments(args, true, context.nowMs);
    return request instanceof ErrorReply ? request : read(context, request);
  },
};
