/**
 * XREAD and XREADGROUP: entries after an id from several streams, now or once there are some.
 *
 * Where each stream is read from is settled when the command first runs, so that `$` means the end
 * as it was then; a blocked command runs again with that. For a group, ID_MAX stands for `>`, as in
 * Redis, where it cannot be told from the greatest id.
 */
import { ErrorReply } from "../../base/errors.ts";
import { ID_MAX, ID_MIN, nextId, type StreamId } from "../../data/stream-id.ts";
import { MapReply, NULL_ARRAY, type Reply } from "../../resp/frame.ts";
import type { CommandContext } from "../context.ts";
import { rangeReply } from "./entry-reply.ts";
import { quoted } from "./group-lookup.ts";
import { readAsConsumer } from "./group-reading.ts";
import { invalidStreamId, parseStrictId } from "./id-argument.ts";
import type { ReadArguments } from "./read-arguments.ts";

const newestOfGroup = new ErrorReply(
  "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.",
);
const newOfRead = new ErrorReply(
  "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.",
);

export function read(context: CommandContext, request: ReadArguments): Reply {
  const starts = settle(context, request);
  if (starts instanceof ErrorReply) return starts;
  const reply = readAll(context, request, starts, false);
  if (reply !== undefined) return reply;
  if (request.timeoutMs === undefined) return NULL_ARRAY;
  return context.block({
    keys: request.keys,
    timeoutMs: request.timeoutMs,
    valueType: "stream",
    wakesOnRemoval: request.reader !== undefined,
    inTransaction: NULL_ARRAY,
    serve: (later) => {
      const settled = settle(later, request);
      return settled instanceof ErrorReply ? settled : readAll(later, request, starts, true);
    },
  });
}

/** After which id each stream is read; or what is wrong, in Redis's order. */
function settle(context: CommandContext, request: ReadArguments): StreamId[] | ErrorReply {
  const { keys, ids, reader } = request;
  const starts: StreamId[] = [];
  for (let index = 0; index < keys.length; index += 1) {
    const stream = context.lookupStream(keys[index]);
    if (stream instanceof ErrorReply) return stream;
    if (reader !== undefined && stream?.group(reader.group) === undefined) {
      return new ErrorReply(
        `NOGROUP No such key '${quoted(keys[index])}' or consumer group '${quoted(reader.group)}' in XREADGROUP with GROUP option`,
      );
    }
    const id = ids[index];
    if (id === "$") {
      if (reader !== undefined) return newestOfGroup;
      starts.push(stream?.lastId ?? ID_MIN);
    } else if (id === ">") {
      if (reader === undefined) return newOfRead;
      starts.push(ID_MAX);
    } else {
      const given = parseStrictId(id);
      if (given === undefined) return invalidStreamId;
      starts.push(given);
    }
  }
  return starts;
}

/** Undefined if no stream has anything. */
function readAll(
  context: CommandContext,
  request: ReadArguments,
  starts: readonly StreamId[],
  isWaiting: boolean,
): Reply | undefined {
  const replies: Reply[] = [];
  for (let index = 0; index < starts.length; index += 1) {
    const key = request.keys[index];
    const entries =
      request.reader === undefined
        ? readAfter(context, key, starts[index], request.count)
        : readAsConsumer(context, key, request.reader, starts[index], request, isWaiting);
    if (entries === undefined) continue;
    if (entries instanceof ErrorReply) {
      // No room in the unit: what was delivered already is answered, the rest comes next time.
      if (replies.length > 0) continue;
      return entries;
    }
    if (context.session.protocol === 3) replies.push(key, entries);
    else replies.push([key, entries]);
  }
  if (replies.length === 0) return undefined;
  return context.session.protocol === 3 ? new MapReply(replies) : replies;
}

function readAfter(
  context: CommandContext,
  key: string,
  start: StreamId,
  count: number,
): Reply[] | undefined {
  const stream = context.lookupStream(key);
  if (stream === undefined || stream instanceof ErrorReply) return undefined;
  const first = nextId(start);
  if (first === undefined || stream.lastId <= start) return undefined;
  const entries = rangeReply(stream, first, ID_MAX, count, false);
  return entries.length === 0 ? undefined : entries;
}
