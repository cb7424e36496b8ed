/**
 * How far a group has read: the count of entries read, and its lag, as Redis estimates them. Both
 * are known while nothing was deleted ahead of the group, and guessed again where they can be.
 */
import { ID_MIN, type StreamId } from "../../data/stream-id.ts";
import { ENTRIES_READ_UNKNOWN, type StreamGroup } from "../../keyspace/stream-group.ts";
import type { StreamValue } from "../../keyspace/stream-value.ts";

/** Follows a group through a read, entry by entry; the group itself is not changed. */
export class ReadCounter {
  entriesRead: number;
  readonly #stream: StreamValue;
  readonly #firstId: StreamId;

  constructor(stream: StreamValue, entriesRead: number) {
    this.entriesRead = entriesRead;
    this.#stream = stream;
    this.#firstId = stream.entries.firstId();
  }

  /** The next entry, which has this id, was read. */
  advance(id: StreamId): void {
    if (
      this.entriesRead !== ENTRIES_READ_UNKNOWN &&
      !hasDeletedFrom(this.#stream, this.#firstId, id)
    ) {
      this.entriesRead += 1;
    } else if (this.#stream.entriesAdded > 0) {
      this.entriesRead = distanceFromStart(this.#stream, this.#firstId, id);
    }
  }
}

/** Entries that the group has not read yet; null if that cannot be known. */
export function lagOf(stream: StreamValue, group: StreamGroup): number | null {
  const { entriesAdded } = stream;
  if (entriesAdded === 0) return 0;
  const firstId = stream.entries.firstId();
  if (
    group.entriesRead !== ENTRIES_READ_UNKNOWN &&
    !hasDeletedFrom(stream, firstId, group.lastId)
  ) {
    return entriesAdded - group.entriesRead;
  }
  const read = distanceFromStart(stream, firstId, group.lastId);
  return read === ENTRIES_READ_UNKNOWN ? null : entriesAdded - read;
}

/** Whether XDEL removed one with that id or a later one. */
function hasDeletedFrom(stream: StreamValue, firstId: StreamId, id: StreamId): boolean {
  const { maxDeletedId } = stream;
  if (stream.entries.length === 0 || maxDeletedId === ID_MIN) return false;
  return firstId <= maxDeletedId && id <= maxDeletedId;
}

/** How many entries were ever added up to that id; ENTRIES_READ_UNKNOWN. */
function distanceFromStart(stream: StreamValue, firstId: StreamId, id: StreamId): number {
  const { entriesAdded, lastId, maxDeletedId } = stream;
  const { length } = stream.entries;
  if (entriesAdded === 0) return 0;
  if (length === 0 && id <= lastId) return entriesAdded;
  if (id === lastId) return entriesAdded;
  if (id > lastId) return ENTRIES_READ_UNKNOWN;
  if (maxDeletedId === ID_MIN || maxDeletedId < firstId) {
    if (id < firstId) return entriesAdded - length;
    if (id === firstId) return entriesAdded - length + 1;
  }
  return ENTRIES_READ_UNKNOWN;
}
