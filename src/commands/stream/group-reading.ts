/**
 * What one stream gives a consumer of a group: new entries, which are pending for it from then on,
 * or again those that are pending already.
 */
import { ErrorReply, errors } from "../../base/errors.ts";
import { ID_MAX, ID_MIN, idText, nextId, type StreamId } from "../../data/stream-id.ts";
import { EffectId } from "../../keyspace/effect.ts";
import {
  NEVER_ACTIVE,
  type StreamConsumer,
  type StreamGroup,
} from "../../keyspace/stream-group.ts";
import type { StreamValue } from "../../keyspace/stream-value.ts";
import { NULL_ARRAY, type Reply } from "../../resp/frame.ts";
import type { CommandContext } from "../context.ts";
import { entryReply, oneEntryReply } from "./entry-reply.ts";
import type { GroupReader } from "./read-arguments.ts";
import { ReadCounter } from "./read-counter.ts";

/** Of an id in an effect, at most. */
const ID_BYTES_MAX = 17;

/** Undefined if there is nothing new; then only the consumer was seen, unless it is waiting. */
export function readAsConsumer(
  context: CommandContext,
  key: string,
  reader: GroupReader,
  start: StreamId,
  options: { readonly count: number; readonly isNoAck: boolean },
  isWaiting: boolean,
): Reply[] | undefined | ErrorReply {
  const stream = context.lookupStream(key);
  if (stream === undefined || stream instanceof ErrorReply) return stream;
  const group = stream.group(reader.group);
  if (group === undefined) return undefined;
  const read = new GroupRead(context, key, stream, group, reader.consumer);
  const count = options.count === 0 ? Number.MAX_SAFE_INTEGER : options.count;
  if (start !== ID_MAX) return read.history(start, count);
  const entries = read.deliver(count, options.isNoAck);
  if (entries === undefined && !isWaiting) read.see();
  return entries;
}

class GroupRead {
  readonly #context: CommandContext;
  readonly #key: string;
  readonly #stream: StreamValue;
  readonly #group: StreamGroup;
  readonly #name: string;
  readonly #consumer: StreamConsumer | undefined;

  constructor(
    context: CommandContext,
    key: string,
    stream: StreamValue,
    group: StreamGroup,
    name: string,
  ) {
    this.#context = context;
    this.#key = key;
    this.#stream = stream;
    this.#group = group;
    this.#name = name;
    this.#consumer = group.consumers.get(name);
  }

  /** Undefined if there is nothing after what the group has read. */
  deliver(count: number, isNoAck: boolean): Reply[] | undefined | ErrorReply {
    const { entries, lastId: newestId } = this.#stream;
    const { lastId } = this.#group;
    const first = nextId(lastId);
    if (first === undefined || newestId <= lastId || entries.length === 0) return undefined;
    const replies: Reply[] = [];
    const ids: StreamId[] = [];
    const counter = new ReadCounter(this.#stream, this.#group.entriesRead);
    entries.visit(first, ID_MAX, (reader) => {
      const id = reader.id();
      counter.advance(id);
      ids.push(id);
      replies.push(entryReply(reader));
      return ids.length < count;
    });
    if (ids.length === 0) return undefined;
    if (!this.#context.takeRoom(ids.length * ID_BYTES_MAX)) return errors.unitTooLarge;
    this.#context.apply({
      id: EffectId.streamDeliver,
      ...this.#target(),
      consumer: this.#name,
      nowMs: this.#context.nowMs,
      lastId: ids[ids.length - 1],
      entriesRead: counter.entriesRead,
      ids: isNoAck ? [] : ids,
    });
    return replies;
  }

  /** What is pending for the consumer after `start`; it counts as delivered once more. */
  history(start: StreamId, count: number): Reply[] | ErrorReply {
    const replies: Reply[] = [];
    const ids: StreamId[] = [];
    const deliveryCounts: number[] = [];
    this.#consumer?.pending.visitFrom(nextId(start) ?? ID_MIN, ({ id, deliveryCount }) => {
      const reply = oneEntryReply(this.#stream, id);
      if (reply === undefined) replies.push([idText(id), NULL_ARRAY]);
      else {
        replies.push(reply);
        ids.push(id);
        deliveryCounts.push(deliveryCount + 1);
      }
      return replies.length < count;
    });
    const { nowMs } = this.#context;
    if (ids.length === 0) {
      this.see();
      return replies;
    }
    if (!this.#context.takeRoom(ids.length * ID_BYTES_MAX * 2)) return errors.unitTooLarge;
    this.#context.apply({
      id: EffectId.streamClaim,
      ...this.#target(),
      consumer: this.#name,
      seenMs: nowMs,
      activeMs: this.#consumer?.activeMs ?? NEVER_ACTIVE,
      deliveredMs: nowMs,
      ids,
      deliveryCounts,
    });
    return replies;
  }

  /** The consumer is made if it is not there. */
  see(): void {
    const { nowMs } = this.#context;
    const consumer = this.#consumer;
    if (consumer?.seenMs === nowMs) return;
    this.#context.apply({
      id: EffectId.streamConsumerSet,
      ...this.#target(),
      consumer: this.#name,
      seenMs: nowMs,
      activeMs: consumer?.activeMs ?? NEVER_ACTIVE,
    });
  }

  #target(): { readonly database: number; readonly key: string; readonly group: string } {
    return { database: this.#context.database, key: this.#key, group: this.#group.name };
  }
}
