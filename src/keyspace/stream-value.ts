/**
 * A stream: entries by ascending id, and the groups that read them. It stays when it is empty.
 *
 * Changed only by `apply-stream.ts`. Which entries share a block is state, as in Redis: it decides
 * what an approximate trim takes; so effects say where a block begins, and not the configuration.
 */
import { StreamEntries } from "../data/stream-entries.ts";
import { ID_MIN, type StreamId } from "../data/stream-id.ts";
import type { EncodingLimits } from "./encoding-limits.ts";
import { OBJECT_BYTES } from "./memory.ts";
import type { StreamGroup } from "./stream-group.ts";

/** Besides an object: the entries' own, the directory of blocks, and ids. */
const STREAM_BYTES = OBJECT_BYTES + 240;

export class StreamValue {
  readonly entries: StreamEntries;
  /** The highest id ever given, whether its entry is there or not. */
  lastId: StreamId;
  /** The highest id of those that XDEL removed; 0-0 for none. */
  maxDeletedId: StreamId;
  entriesAdded: number;
  groupBytes: number;
  #groups: Map<string, StreamGroup> | undefined;

  constructor() {
    this.entries = new StreamEntries();
    this.lastId = ID_MIN;
    this.maxDeletedId = ID_MIN;
    this.entriesAdded = 0;
    this.groupBytes = 0;
    this.#groups = undefined;
  }

  get type(): "stream" {
    return "stream";
  }

  /** What it costs, all of it (`memory.ts`). */
  get costBytes(): number {
    return STREAM_BYTES + this.entries.heldBytes + this.groupBytes;
  }

  /** The encoding that Redis would report (OBJECT ENCODING). */
  encodingName(_limits: EncodingLimits): string {
    return "stream";
  }

  get groupCount(): number {
    return this.#groups?.size ?? 0;
  }

  /** In the order of their creation. */
  get groups(): Iterable<StreamGroup> {
    return this.#groups?.values() ?? NO_GROUPS;
  }

  group(name: string): StreamGroup | undefined {
    return this.#groups?.get(name);
  }

  addGroup(group: StreamGroup): void {
    this.#groups ??= new Map();
    this.#groups.set(group.name, group);
    this.groupBytes += group.costBytes;
  }

  removeGroup(group: StreamGroup): void {
    this.#groups?.delete(group.name);
    this.groupBytes -= group.costBytes;
  }
}

const NO_GROUPS: readonly StreamGroup[] = [];
