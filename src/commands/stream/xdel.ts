/**
 * XDEL: Returns the number of messages after removing them from a stream.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { key, multiple, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseIds } from "./id-argument.ts";

export const xdelCommand: Command = {
  name: "xdel",
  group: "stream",
  summary: "Returns the number of messages after removing them from a stream.",
  since: "5.0.0",
  complexity: "O(1) for each single item to delete in the stream, regardless of the stream size.",
  arity: -3,
  flags: ["write", "fast"],
  keys: [{ flags: ["RW", "delete"], first: 1, last: 1, step: 1 }],
  arguments: [key(), multiple(string("id"))],
  valueType: "stream",
  run: (context, args) => {
    const name = toBinaryString(args[1]);
    const stream = context.lookupStream(name);
    if (stream instanceof ErrorReply) return stream;
    if (stream === undefined) return 0;
    const given = parseIds(args, 2);
    if (given instanceof ErrorReply) return given;
    const ids = given.filter((id) => stream.entries.has(id));
    if (ids.length === 0) return 0;
    context.apply({ id: EffectId.streamDelete, database: context.database, key: name, ids });
    return ids.length;
  },
};
