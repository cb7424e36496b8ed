/**
 * DUMP: a value in Redis's own form, for RESTORE here or there.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { flatValue } from "../../keyspace/restored-value.ts";
import { dumpPayload } from "../../rdb/payload.ts";
import { key } from "../argument.ts";
import type { Command } from "../command.ts";

export const dumpCommand: Command = {
  name: "dump",
  group: "generic",
  summary: "Returns a serialized representation of the value stored at a key.",
  since: "2.6.0",
  complexity:
    "O(1) to access the key and additional O(N*M) to serialize it, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1).",
  arity: 2,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key()],
  tips: ["nondeterministic_output"],
  run: (context, args) => {
    const entry = context.lookup(toBinaryString(args[1]));
    return entry === undefined ? null : dumpPayload(flatValue(entry.value));
  },
};
