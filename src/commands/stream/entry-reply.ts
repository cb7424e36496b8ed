/**
 * Entries of a stream in replies: the id, and an array of fields and values.
 */
import { idText, type StreamId } from "../../data/stream-id.ts";
import type { StreamReader } from "../../data/stream-reader.ts";
import type { StreamValue } from "../../keyspace/stream-value.ts";
import type { Reply } from "../../resp/frame.ts";

export function entryReply(reader: StreamReader): Reply {
  return [reader.text(), reader.pairs()];
}

/** At most `count` entries from `start` to `end`; a count of 0 is none. */
export function rangeReply(
  stream: StreamValue,
  start: StreamId,
  end: StreamId,
  count: number,
  isBackwards: boolean,
): Reply[] {
  const replies: Reply[] = [];
  const countMax = count === 0 ? Number.MAX_SAFE_INTEGER : count;
  const visitor = (reader: StreamReader): boolean => {
    replies.push(entryReply(reader));
    return replies.length < countMax;
  };
  if (isBackwards) stream.entries.visitBackwards(start, end, visitor);
  else stream.entries.visit(start, end, visitor);
  return replies;
}

/** The entry with that id, which is there or not any more. */
export function oneEntryReply(stream: StreamValue, id: StreamId): Reply | undefined {
  const reader = stream.entries.find(id);
  return reader === undefined ? undefined : [idText(id), reader.pairs()];
}
