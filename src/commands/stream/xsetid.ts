/**
 * XSETID: An internal command for replicating stream values.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { ID_MIN, type StreamId } from "../../data/stream-id.ts";
import { EffectId } from "../../keyspace/effect.ts";
import type { StreamValue } from "../../keyspace/stream-value.ts";
import { OK } from "../../resp/frame.ts";
import { integer, key, optional, since, string, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { optionName } from "../context.ts";
import { parseCounter } from "./counter-argument.ts";
import { invalidStreamId, parseStrictId } from "./id-argument.ts";

const negativeCount = new ErrorReply("ERR entries_added must be positive");
const belowGivenDeleted = new ErrorReply(
  "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id",
);
const belowDeleted = new ErrorReply(
  "ERR The ID specified in XSETID is smaller than current max_deleted_entry_id",
);
const belowTop = new ErrorReply(
  "ERR The ID specified in XSETID is smaller than the target stream top item",
);
const countBelowLength = new ErrorReply(
  "ERR The entries_added specified in XSETID is smaller than the target stream length",
);

interface SetIdOptions {
  readonly lastId: StreamId;
  entriesAdded: number | undefined;
  maxDeletedId: StreamId;
}

export const xsetidCommand: Command = {
  name: "xsetid",
  group: "stream",
  summary: "An internal command for replicating stream values.",
  since: "5.0.0",
  complexity: "O(1)",
  arity: -3,
  flags: ["write", "denyoom", "fast"],
  keys: [{ flags: ["RW", "update"], first: 1, last: 1, step: 1 }],
  arguments: [
    key(),
    string("last-id"),
    optional(since("7.0.0", withToken("ENTRIESADDED", integer("entries-added")))),
    optional(since("7.0.0", withToken("MAXDELETEDID", string("max-deleted-id")))),
  ],
  history: [["7.0.0", "Added the `entries_added` and `max_deleted_entry_id` arguments."]],
  valueType: "stream",
  run: (context, args) => {
    const options = parseOptions(args);
    if (options instanceof ErrorReply) return options;
    const name = toBinaryString(args[1]);
    const stream = context.lookupStream(name);
    if (stream === undefined) return errors.noSuchKey;
    if (stream instanceof ErrorReply) return stream;
    const error = mismatch(stream, options);
    if (error !== undefined) return error;
    context.apply({
      id: EffectId.streamSetId,
      database: context.database,
      key: name,
      lastId: options.lastId,
      entriesAdded: options.entriesAdded ?? stream.entriesAdded,
      maxDeletedId: options.maxDeletedId === ID_MIN ? stream.maxDeletedId : options.maxDeletedId,
    });
    return OK;
  },
};

function parseOptions(args: readonly Bytes[]): SetIdOptions | ErrorReply {
  const lastId = parseStrictId(args[2]);
  if (lastId === undefined) return invalidStreamId;
  const options: SetIdOptions = { lastId, entriesAdded: undefined, maxDeletedId: ID_MIN };
  for (let index = 3; index < args.length; index += 2) {
    if (index + 1 === args.length) return errors.syntax;
    const option = optionName(args[index]);
    if (option === "ENTRIESADDED") {
      const count = parseCounter(args[index + 1]);
      if (count === undefined) return errors.notAnInteger;
      if (count < 0) return negativeCount;
      options.entriesAdded = count;
    } else if (option === "MAXDELETEDID") {
      const id = parseStrictId(args[index + 1]);
      if (id === undefined) return invalidStreamId;
      if (lastId < id) return belowGivenDeleted;
      options.maxDeletedId = id;
    } else return errors.syntax;
  }
  return options;
}

function mismatch(stream: StreamValue, options: SetIdOptions): ErrorReply | undefined {
  if (options.lastId < stream.maxDeletedId) return belowDeleted;
  const { entries } = stream;
  if (entries.length === 0) return undefined;
  if (options.lastId < entries.lastId()) return belowTop;
  const { entriesAdded } = options;
  return entriesAdded !== undefined && entriesAdded < entries.length ? countBelowLength : undefined;
}
