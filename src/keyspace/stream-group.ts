/**
 * A consumer group of a stream: how far it has read, who reads, and what was delivered to whom and
 * not yet acknowledged. A pending entry is in the group's order and in its consumer's, the same
 * object. Only `apply-stream.ts` changes anything.
 */
import { assert } from "../base/assert.ts";
import { SortedById } from "../data/sorted-by-id.ts";
import type { StreamId } from "../data/stream-id.ts";

export const ENTRIES_READ_UNKNOWN = -1;
export const NEVER_ACTIVE = -1;
const GROUP_BYTES = 480;
const CONSUMER_BYTES = 240;
/** The object, its id, and a place in the group's order and in the consumer's. */
const PENDING_BYTES = 120;

export class PendingEntry {
  readonly id: StreamId;
  consumer: StreamConsumer;
  deliveredMs: number;
  deliveryCount: number;

  constructor(id: StreamId, consumer: StreamConsumer, deliveredMs: number, deliveryCount: number) {
    this.id = id;
    this.consumer = consumer;
    this.deliveredMs = deliveredMs;
    this.deliveryCount = deliveryCount;
  }
}

export class StreamConsumer {
  readonly name: string;
  /** When it last tried to read or to claim. */
  seenMs: number;
  /** When it last got something; NEVER_ACTIVE. */
  activeMs: number;
  readonly pending: SortedById<PendingEntry>;

  constructor(name: string) {
    this.name = name;
    this.seenMs = 0;
    this.activeMs = NEVER_ACTIVE;
    this.pending = new SortedById();
  }
}

export class StreamGroup {
  readonly name: string;
  /** Of the last entry delivered. */
  lastId: StreamId;
  /** How many entries of all that were ever added it has read; ENTRIES_READ_UNKNOWN. */
  entriesRead: number;
  /** In the order of their creation. */
  readonly consumers: Map<string, StreamConsumer>;
  readonly pending: SortedById<PendingEntry>;
  #consumerBytes: number;

  constructor(name: string, lastId: StreamId, entriesRead: number) {
    this.name = name;
    this.lastId = lastId;
    this.entriesRead = entriesRead;
    this.consumers = new Map();
    this.pending = new SortedById();
    this.#consumerBytes = 0;
  }

  get costBytes(): number {
    const pendingBytes = this.pending.size * PENDING_BYTES;
    return GROUP_BYTES + this.name.length + this.#consumerBytes + pendingBytes;
  }

  /** Makes the consumer if it is not there. */
  consumer(name: string): StreamConsumer {
    const found = this.consumers.get(name);
    if (found !== undefined) return found;
    const made = new StreamConsumer(name);
    this.consumers.set(name, made);
    this.#consumerBytes += CONSUMER_BYTES + name.length;
    return made;
  }

  /** With all that is pending for it. */
  removeConsumer(name: string): void {
    const consumer = this.consumers.get(name);
    assert(consumer !== undefined, "a consumer that goes is there");
    // One walk over the group is less than many searches in it.
    if (consumer.pending.size * 8 > this.pending.size) {
      this.pending.keep((entry) => entry.consumer !== consumer);
    } else for (const entry of consumer.pending) this.pending.remove(entry.id);
    this.consumers.delete(name);
    this.#consumerBytes -= CONSUMER_BYTES + name.length;
  }

  /** The entry is the consumer's from now on, whoever had it. */
  pend(id: StreamId, consumer: StreamConsumer, deliveredMs: number, deliveryCount: number): void {
    const entry = this.pending.get(id);
    if (entry === undefined) {
      const made = new PendingEntry(id, consumer, deliveredMs, deliveryCount);
      this.pending.add(made);
      consumer.pending.add(made);
      return;
    }
    entry.deliveredMs = deliveredMs;
    entry.deliveryCount = deliveryCount;
    if (entry.consumer === consumer) return;
    entry.consumer.pending.remove(id);
    entry.consumer = consumer;
    consumer.pending.add(entry);
  }

  acknowledge(id: StreamId): void {
    const entry = this.pending.get(id);
    assert(entry !== undefined, "what is acknowledged is pending");
    this.pending.remove(id);
    entry.consumer.pending.remove(id);
  }
}
