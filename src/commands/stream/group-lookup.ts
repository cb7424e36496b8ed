/**
 * The consumer group that a command names, and what is said when there is none.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import type { StreamGroup } from "../../keyspace/stream-group.ts";
import type { StreamValue } from "../../keyspace/stream-value.ts";
import type { CommandContext } from "../context.ts";

export interface FoundGroup {
  readonly stream: StreamValue;
  readonly group: StreamGroup;
}

/** Undefined if there is no such key, or no such group in its stream. */
export function findGroup(
  context: CommandContext,
  key: Bytes,
  group: Bytes,
): FoundGroup | undefined | ErrorReply {
  const stream = context.lookupStream(toBinaryString(key));
  if (stream === undefined || stream instanceof ErrorReply) return stream;
  const found = stream.group(toBinaryString(group));
  return found === undefined ? undefined : { stream, group: found };
}

export function noSuchGroup(key: Bytes, group: Bytes): ErrorReply {
  return new ErrorReply(
    `NOGROUP No such key '${quoted(key)}' or consumer group '${quoted(group)}'`,
  );
}

/** Of a key that is there. */
export function noSuchGroupOf(key: Bytes, group: Bytes): ErrorReply {
  return new ErrorReply(
    `NOGROUP No such consumer group '${quoted(group)}' for key name '${quoted(key)}'`,
  );
}

/** A word inside an error; up to a zero byte, as in Redis, so that what follows can be read. */
export function quoted(word: Bytes): string {
  const text = toBinaryString(word);
  const zeroAt = text.indexOf("\x00");
  return zeroAt < 0 ? text : text.slice(0, zeroAt);
}

/** By name, as Redis lists groups and consumers. */
export function byName<Named extends { readonly name: string }>(named: Iterable<Named>): Named[] {
  return [...named].sort((left, right) => (left.name < right.name ? -1 : 1));
}
