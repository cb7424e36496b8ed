/**
 * XLEN: Return the number of messages in a stream.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { key } from "../argument.ts";
import type { Command } from "../command.ts";

export const xlenCommand: Command = {
  name: "xlen",
  group: "stream",
  summary: "Return the number of messages in a stream.",
  since: "5.0.0",
  complexity: "O(1)",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO"], first: 1, last: 1, step: 1 }],
  arguments: [key()],
  valueType: "stream",
  run: (context, args) => {
    const stream = context.lookupStream(toBinaryString(args[1]));
    if (stream instanceof ErrorReply) return stream;
    return stream?.entries.length ?? 0;
  },
};
