/**
 * XREAD: Returns messages from multiple streams with IDs greater than the ones requested.
 */
import { ErrorReply } from "../../base/errors.ts";
import { block, integer, key, multiple, optional, string, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseReadArguments } from "./read-arguments.ts";
import { read } from "./reading.ts";

export const xreadCommand: Command = {
  name: "xread",
  group: "stream",
  summary:
    "Returns messages from multiple streams with IDs greater than the ones requested. Blocks until a message is available otherwise.",
  since: "5.0.0",
  complexity:
    "For each stream mentioned: O(M) with M being the number of elements returned. If M is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).",
  arity: -4,
  flags: ["readonly", "blocking", "movablekeys"],
  keys: [{ flags: ["RO", "access"], keyword: "STREAMS", searchFrom: 1 }],
  arguments: [
    optional(withToken("COUNT", integer("count"))),
    optional(withToken("BLOCK", integer("milliseconds"))),
    withToken("STREAMS", block("streams", multiple(key()), multiple(string("id")))),
  ],
  run: (context, args) => {
    const request = parseReadArguments(args, false, context.nowMs);
    return request instanceof ErrorReply ? request : read(context, request);
  },
};
