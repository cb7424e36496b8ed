/**
 * APPEND: adds to the end of a string.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { key, string } from "../argument.ts";
import type { Command } from "../command.ts";

export const appendCommand: Command = {
  name: "append",
  group: "string",
  summary: "Appends a string to the value of a key. Creates the key if it is missing.",
  since: "2.0.0",
  complexity: "O(1) amortized: the string grows in steps",
  arity: 3,
  flags: ["write", "denyoom", "fast"],
  keys: [{ flags: ["RW", "insert"], first: 1, last: 1, step: 1 }],
  arguments: [key(), string("value")],
  valueType: "string",
  run: (context, args) => {
    const { database } = context;
    const name = toBinaryString(args[1]);
    const before = context.borrowString(name);
    if (before instanceof ErrorReply) return before;
    const byteCount = (before?.length ?? 0) + args[2].length;
    const bytesMax = context.server.configuration.number("proto-max-bulk-len");
    if (byteCount > bytesMax) return errors.stringTooLong;
    // Also of nothing: as in Redis it is a write to whoever watches, and makes the string raw.
    context.apply({ id: EffectId.stringAppend, database, key: name, value: args[2] });
    return byteCount;
  },
};
