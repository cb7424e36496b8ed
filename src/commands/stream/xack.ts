/**
 * XACK: Returns the number of messages that were successfully acknowledged by the consumer group
 * member of a stream.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { key, multiple, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { findGroup } from "./group-lookup.ts";
import { parseIds } from "./id-argument.ts";

export const xackCommand: Command = {
  name: "xack",
  group: "stream",
  summary:
    "Returns the number of messages that were successfully acknowledged by the consumer group member of a stream.",
  since: "5.0.0",
  complexity: "O(1) for each message ID processed.",
  arity: -4,
  flags: ["write", "fast"],
  keys: [{ flags: ["RW", "update"], first: 1, last: 1, step: 1 }],
  arguments: [key(), string("group"), multiple(string("id"))],
  valueType: "stream",
  run: (context, args) => {
    const found = findGroup(context, args[1], args[2]);
    if (found instanceof ErrorReply) return found;
    if (found === undefined) return 0;
    const given = parseIds(args, 3);
    if (given instanceof ErrorReply) return given;
    const { pending, name: group } = found.group;
    const ids = given.filter((id) => pending.get(id) !== undefined);
    if (ids.length === 0) return 0;
    const { database } = context;
    const name = toBinaryString(args[1]);
    context.apply({ id: EffectId.streamAcknowledge, database, key: name, group, ids });
    return ids.length;
  },
};
