/**
 * XINFO GROUPS: Returns a list of the consumer groups of a stream.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { idText } from "../../data/stream-id.ts";
import { ENTRIES_READ_UNKNOWN } from "../../keyspace/stream-group.ts";
import { MapReply } from "../../resp/frame.ts";
import { key } from "../argument.ts";
import type { Command } from "../command.ts";
import { byName } from "./group-lookup.ts";
import { lagOf } from "./read-counter.ts";

export const xinfoGroupsCommand: Command = {
  name: "xinfo|groups",
  group: "stream",
  summary: "Returns a list of the consumer groups of a stream.",
  since: "5.0.0",
  complexity: "O(1)",
  arity: 3,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 2, last: 2, step: 1 }],
  arguments: [key()],
  history: [["7.0.0", "Added the `entries-read` and `lag` fields"]],
  run: (context, args) => {
    const stream = context.lookupStream(toBinaryString(args[2]));
    if (stream === undefined) return errors.noSuchKey;
    if (stream instanceof ErrorReply) return stream;
    return byName(stream.groups).map((group) => {
      const { name, consumers, pending, lastId, entriesRead } = group;
      return new MapReply([
        "name",
        name,
        "consumers",
        consumers.size,
        "pending",
        pending.size,
        "last-delivered-id",
        idText(lastId),
        "entries-read",
        entriesRead === ENTRIES_READ_UNKNOWN ? null : entriesRead,
        "lag",
        lagOf(stream, group),
      ]);
    });
  },
};
