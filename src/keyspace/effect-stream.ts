/**
 * Effects on streams (`effect.ts` has the rules and the ids), with their bytes: members in the
 * order of the interfaces, ids and numbers as in `effect-stream-parts.ts`, names as bytes; a number
 * that may be -1 is one more than it is.
 */
import type { ByteReader } from "../base/byte-reader.ts";
import type { ByteWriter } from "../base/byte-writer.ts";
import type { Bytes } from "../base/bytes.ts";
import type { StreamId } from "../data/stream-id.ts";
import { decodePairs, encodeList } from "./effect-parts.ts";
import {
  decodeCounter,
  decodeId,
  decodeIds,
  decodeNumber,
  encodeId,
  encodeIds,
  encodeNumber,
} from "./effect-stream-parts.ts";

export const StreamEffectId = {
  streamAdd: 50,
  streamDelete: 51,
  streamTrim: 52,
  streamSetId: 53,
  streamGroupCreate: 54,
  streamGroupDestroy: 55,
  streamGroupSetId: 56,
  streamConsumerSet: 57,
  streamConsumerDelete: 58,
  streamDeliver: 59,
  streamClaim: 60,
  streamAcknowledge: 61,
} as const;

interface OfStream {
  readonly database: number;
  readonly key: string;
}

interface OfGroup extends OfStream {
  readonly group: string;
}

/** Creates the stream. */
export interface StreamAdd extends OfStream {
  readonly id: typeof StreamEffectId.streamAdd;
  /** Above all ids that the stream ever had. */
  readonly streamId: StreamId;
  /** The entry begins a block; the first one of a stream does so anyway. */
  readonly isNewBlock: boolean;
  readonly pairs: readonly Bytes[];
}

/** Entries that are there. */
export interface StreamDelete extends OfStream {
  readonly id: typeof StreamEffectId.streamDelete;
  readonly ids: readonly StreamId[];
}

/** Whole blocks from the left, then entries of the block that is first then. */
export interface StreamTrim extends OfStream {
  readonly id: typeof StreamEffectId.streamTrim;
  readonly blockCount: number;
  readonly entryCount: number;
}

export interface StreamSetId extends OfStream {
  readonly id: typeof StreamEffectId.streamSetId;
  readonly lastId: StreamId;
  readonly entriesAdded: number;
  readonly maxDeletedId: StreamId;
}

/** Sets a group that is there; `streamGroupCreate` makes it, and the stream too. */
export interface StreamGroupSet extends OfGroup {
  readonly id: typeof StreamEffectId.streamGroupCreate | typeof StreamEffectId.streamGroupSetId;
  readonly lastId: StreamId;
  /** -1: not known. */
  readonly entriesRead: number;
}

export interface StreamGroupDestroy extends OfGroup {
  readonly id: typeof StreamEffectId.streamGroupDestroy;
}

/** Makes the consumer, or sets its times. */
export interface StreamConsumerSet extends OfGroup {
  readonly id: typeof StreamEffectId.streamConsumerSet;
  readonly consumer: string;
  readonly seenMs: number;
  /** -1: never. */
  readonly activeMs: number;
}

/** With what is pending for it. */
export interface StreamConsumerDelete extends OfGroup {
  readonly id: typeof StreamEffectId.streamConsumerDelete;
  readonly consumer: string;
}

/**
 * A read of new entries: the group has read so far, and these ids are pending for the consumer,
 * delivered once (none if the client acknowledges nothing). Makes the consumer.
 */
export interface StreamDeliver extends OfGroup {
  readonly id: typeof StreamEffectId.streamDeliver;
  readonly consumer: string;
  readonly nowMs: number;
  readonly lastId: StreamId;
  /** -1: not known. */
  readonly entriesRead: number;
  readonly ids: readonly StreamId[];
}

/** These ids are pending for the consumer, whether they were before or not. Makes the consumer. */
export interface StreamClaim extends OfGroup {
  readonly id: typeof StreamEffectId.streamClaim;
  readonly consumer: string;
  readonly seenMs: number;
  /** -1: never. */
  readonly activeMs: number;
  readonly deliveredMs: number;
  readonly ids: readonly StreamId[];
  /** How often delivered, as long as `ids`. */
  readonly deliveryCounts: readonly number[];
}

/** Ids that are pending. */
export interface StreamAcknowledge extends OfGroup {
  readonly id: typeof StreamEffectId.streamAcknowledge;
  readonly ids: readonly StreamId[];
}

export type StreamGroupEffect =
  | StreamGroupDestroy
  | StreamConsumerSet
  | StreamConsumerDelete
  | StreamDeliver
  | StreamClaim
  | StreamAcknowledge;

export type StreamEffect =
  | StreamAdd
  | StreamDelete
  | StreamTrim
  | StreamSetId
  | StreamGroupSet
  | StreamGroupEffect;

export function isStreamEffect(effect: { readonly id: number }): effect is StreamEffect {
  return isStreamEffectId(effect.id);
}

export function isStreamEffectId(id: number): id is StreamEffect["id"] {
  return id >= StreamEffectId.streamAdd && id <= StreamEffectId.streamAcknowledge;
}

export function encodeStreamEffect(writer: ByteWriter, effect: StreamEffect): void {
  switch (effect.id) {
    case StreamEffectId.streamAdd:
      encodeId(writer, effect.streamId);
      writer.u8(effect.isNewBlock ? 1 : 0);
      encodeList(writer, effect.pairs);
      return;
    case StreamEffectId.streamDelete:
      encodeIds(writer, effect.ids);
      return;
    case StreamEffectId.streamTrim:
      encodeNumber(writer, effect.blockCount);
      encodeNumber(writer, effect.entryCount);
      return;
    case StreamEffectId.streamSetId:
      encodeId(writer, effect.lastId);
      encodeNumber(writer, effect.entriesAdded);
      encodeId(writer, effect.maxDeletedId);
      return;
    case StreamEffectId.streamGroupCreate:
    case StreamEffectId.streamGroupSetId:
      writer.bytes(effect.group);
      encodeId(writer, effect.lastId);
      encodeNumber(writer, effect.entriesRead + 1);
      return;
    default:
      encodeGroupEffect(writer, effect);
  }
}

function encodeGroupEffect(writer: ByteWriter, effect: StreamGroupEffect): void {
  writer.bytes(effect.group);
  switch (effect.id) {
    case StreamEffectId.streamGroupDestroy:
      return;
    case StreamEffectId.streamAcknowledge:
      encodeIds(writer, effect.ids);
      return;
    case StreamEffectId.streamConsumerSet:
      writer.bytes(effect.consumer);
      encodeNumber(writer, effect.seenMs);
      encodeNumber(writer, effect.activeMs + 1);
      return;
    case StreamEffectId.streamConsumerDelete:
      writer.bytes(effect.consumer);
      return;
    case StreamEffectId.streamDeliver:
      writer.bytes(effect.consumer);
      encodeNumber(writer, effect.nowMs);
      encodeId(writer, effect.lastId);
      encodeNumber(writer, effect.entriesRead + 1);
      encodeIds(writer, effect.ids);
      return;
    default:
      writer.bytes(effect.consumer);
      encodeNumber(writer, effect.seenMs);
      encodeNumber(writer, effect.activeMs + 1);
      encodeNumber(writer, effect.deliveredMs);
      encodeIds(writer, effect.ids);
      for (const count of effect.deliveryCounts) encodeNumber(writer, count);
  }
}

export function decodeStreamEffect(
  reader: ByteReader,
  id: StreamEffect["id"],
  database: number,
  key: string,
): StreamEffect {
  switch (id) {
    case StreamEffectId.streamAdd: {
      const streamId = decodeId(reader);
      const isNewBlock = decodeFlag(reader);
      return { id, database, key, streamId, isNewBlock, pairs: decodePairs(reader) };
    }
    case StreamEffectId.streamDelete:
      return { id, database, key, ids: decodeIds(reader) };
    case StreamEffectId.streamTrim: {
      const blockCount = decodeNumber(reader);
      return { id, database, key, blockCount, entryCount: decodeNumber(reader) };
    }
    case StreamEffectId.streamSetId: {
      const lastId = decodeId(reader);
      const entriesAdded = decodeCounter(reader);
      return { id, database, key, lastId, entriesAdded, maxDeletedId: decodeId(reader) };
    }
    case StreamEffectId.streamGroupCreate:
    case StreamEffectId.streamGroupSetId: {
      const group = reader.binaryString();
      const lastId = decodeId(reader);
      return { id, database, key, group, lastId, entriesRead: decodeCounter(reader, 1) - 1 };
    }
    default:
      return decodeGroupEffect(reader, id, { database, key, group: reader.binaryString() });
  }
}

function decodeGroupEffect(
  reader: ByteReader,
  id: StreamGroupEffect["id"],
  of: OfGroup,
): StreamGroupEffect {
  switch (id) {
    case StreamEffectId.streamGroupDestroy:
      return { id, ...of };
    case StreamEffectId.streamAcknowledge:
      return { id, ...of, ids: decodeIds(reader) };
    case StreamEffectId.streamConsumerSet: {
      const consumer = reader.binaryString();
      const seenMs = decodeNumber(reader);
      return { id, ...of, consumer, seenMs, activeMs: decodeNumber(reader) - 1 };
    }
    case StreamEffectId.streamConsumerDelete:
      return { id, ...of, consumer: reader.binaryString() };
    case StreamEffectId.streamDeliver: {
      const consumer = reader.binaryString();
      const nowMs = decodeNumber(reader);
      const lastId = decodeId(reader);
      const entriesRead = decodeCounter(reader, 1) - 1;
      return { id, ...of, consumer, nowMs, lastId, entriesRead, ids: decodeIds(reader) };
    }
    default: {
      const consumer = reader.binaryString();
      const seenMs = decodeNumber(reader);
      const activeMs = decodeNumber(reader) - 1;
      const deliveredMs = decodeNumber(reader);
      const ids = decodeIds(reader);
      const deliveryCounts = ids.map(() => decodeNumber(reader));
      return { id, ...of, consumer, seenMs, activeMs, deliveredMs, ids, deliveryCounts };
    }
  }
}

function decodeFlag(reader: ByteReader): boolean {
  const flag = reader.u8();
  return flag > 1 ? reader.fail("a flag that is neither 0 nor 1") : flag === 1;
}
