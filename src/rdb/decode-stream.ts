/**
 * A stream from RDB. Its blocks are taken as they are, since ours are Redis's bytes
 * (`data/stream-block.ts`), so they are checked here for good: form, ids that ascend within blocks
 * and over them, counts; and that what is pending belongs to one consumer each.
 */
import { canonicalBytes } from "../base/bytes.ts";
import { limits } from "../base/limits.ts";
import { blockOf } from "../data/stream-block.ts";
import { isStreamBlock, lastIdOfBlock } from "../data/stream-block-check.ts";
import { ID_BYTES, ID_MIN, idOfWide, type StreamId } from "../data/stream-id.ts";
import { StreamReader } from "../data/stream-reader.ts";
import type {
  BlockImage,
  ConsumerImage,
  GroupImage,
  PendingImage,
  StreamImage,
} from "../keyspace/effect-stream-image.ts";
import { DistinctCheck } from "./distinct-check.ts";
import { ValueType } from "./format.ts";
import { checkListpack } from "./listpack-values.ts";
import { canonicalCopy, type RdbReader } from "./reader.ts";

/** How -1 reads as a length. */
const UNKNOWN = 2n ** 64n - 1n;
const READ_UNKNOWN = -1;
const NOBODY = -1;
/** An id, a time and a count. */
const PENDING_BYTES_MIN = ID_BYTES + 9;
const PENDING_COST_BYTES = 40;

interface Blocks {
  readonly blocks: readonly BlockImage[];
  /** Of those that are not deleted; 0-0 if there is none. */
  readonly firstId: StreamId;
  readonly lastId: StreamId;
  readonly length: number;
}

export function decodeStream(type: number, reader: RdbReader): StreamImage {
  const { blocks, firstId, lastId: newest, length } = decodeBlocks(reader);
  if (reader.length() !== length) reader.fail("a stream that counts its entries wrongly");
  const lastId = decodeId(reader);
  if (lastId < newest) reader.fail("a stream's last id that is before its last entry");
  let maxDeletedId = ID_MIN;
  let entriesAdded = length;
  if (type !== ValueType.stream) {
    // The first entry's id, which the blocks tell.
    decodeId(reader);
    maxDeletedId = decodeId(reader);
    entriesAdded = checkedCounter(reader, reader.length());
  }
  const names = new DistinctCheck();
  const groups: GroupImage[] = [];
  for (let left = reader.elementCount(5); left > 0; left -= 1) {
    const name = reader.text();
    reader.takeElement(0);
    if (!names.add(name)) reader.fail("a group that comes twice");
    groups.push(decodeGroup(type, reader, name, { firstId, lastId, entriesAdded }));
  }
  return { lastId, maxDeletedId, entriesAdded, blocks, groups };
}

function decodeBlocks(reader: RdbReader): Blocks {
  const blocks: BlockImage[] = [];
  let firstId = ID_MIN;
  let lastId: StreamId | undefined;
  let length = 0;
  for (let left = reader.elementCount(2); left > 0; left -= 1) {
    const id = reader.text();
    if (id.length !== ID_BYTES) reader.fail("a block of a stream without an id");
    const bytes = reader.structure();
    reader.takeElement(bytes.length);
    checkListpack(reader, bytes);
    if (!isStreamBlock(bytes)) reader.fail("what is no block of a stream");
    const pack = canonicalBytes(canonicalCopy(bytes, 0, bytes.length));
    lastId = lastIdOfBlock(id, pack, lastId);
    if (lastId === undefined) reader.fail("ids of a stream that do not ascend");
    const block = blockOf(id, pack);
    if (length === 0 && block.liveCount > 0) firstId = firstLiveId(new StreamReader(block));
    length += block.liveCount;
    blocks.push({ id, pack });
  }
  return { blocks, firstId, lastId: lastId ?? ID_MIN, length };
}

/** One of its entries is not deleted. */
export function firstLiveId(entries: StreamReader): StreamId {
  entries.toFirst();
  while (entries.isDeleted && entries.toNext());
  return entries.id();
}

interface StreamFacts {
  readonly firstId: StreamId;
  readonly lastId: StreamId;
  readonly entriesAdded: number;
}

/** What a group has read, where its version did not write it down: known only at the two ends. */
function estimatedRead(id: StreamId, { firstId, lastId, entriesAdded }: StreamFacts): number {
  if (entriesAdded === 0) return 0;
  if (id === lastId) return entriesAdded;
  if (id > firstId) return READ_UNKNOWN;
  return id === firstId ? 1 : 0;
}

function decodeGroup(
  type: number,
  reader: RdbReader,
  name: string,
  stream: StreamFacts,
): GroupImage {
  const lastId = decodeId(reader);
  const entriesRead =
    type === ValueType.stream ? estimatedRead(lastId, stream) : decodeRead(reader);
  const pending = new Map<StreamId, PendingImage>();
  for (let left = reader.elementCount(PENDING_BYTES_MIN); left > 0; left -= 1) {
    const id = reader.raw(ID_BYTES).latin1Slice(0, ID_BYTES);
    reader.takeElement(PENDING_COST_BYTES);
    if (pending.has(id)) reader.fail("an entry that is pending twice");
    const deliveredMs = checkedTime(reader, reader.i64());
    const deliveryCount = reader.length();
    pending.set(id, { id, consumerIndex: NOBODY, deliveredMs, deliveryCount });
  }
  const consumers = decodeConsumers(type, reader, pending);
  for (const { consumerIndex } of pending.values()) {
    if (consumerIndex === NOBODY) reader.fail("an entry that is pending for nobody");
  }
  const sorted = [...pending.values()].sort((left, right) => (left.id < right.id ? -1 : 1));
  return { name, lastId, entriesRead, consumers, pending: sorted };
}

function decodeRead(reader: RdbReader): number {
  const wide = reader.wideLength();
  return wide === UNKNOWN ? READ_UNKNOWN : checkedCounter(reader, Number(wide));
}

/** Says in `pending` whose each entry is. */
function decodeConsumers(
  type: number,
  reader: RdbReader,
  pending: Map<StreamId, PendingImage>,
): readonly ConsumerImage[] {
  const names = new DistinctCheck();
  const consumers: ConsumerImage[] = [];
  for (let left = reader.elementCount(10); left > 0; left -= 1) {
    const name = reader.text();
    reader.takeElement(0);
    if (!names.add(name)) reader.fail("a consumer that comes twice");
    const seenMs = checkedTime(reader, reader.i64());
    const activeMs = type === ValueType.stream3 ? reader.i64() : seenMs;
    if (activeMs !== -1) checkedTime(reader, activeMs);
    const consumerIndex = consumers.length;
    consumers.push({ name, seenMs, activeMs });
    for (let count = reader.elementCount(ID_BYTES); count > 0; count -= 1) {
      const id = reader.raw(ID_BYTES).latin1Slice(0, ID_BYTES);
      const entry = pending.get(id);
      if (entry === undefined || entry.consumerIndex !== NOBODY) {
        reader.fail("an entry that is pending for a consumer and not for its group");
      }
      pending.set(id, { ...entry, consumerIndex });
    }
  }
  return consumers;
}

function decodeId(reader: RdbReader): StreamId {
  const ms = reader.wideLength();
  return idOfWide(ms, reader.wideLength());
}

function checkedCounter(reader: RdbReader, value: number): number {
  if (value <= limits.streamCounterMax) return value;
  return reader.fail("a counter of a stream above its limit");
}

function checkedTime(reader: RdbReader, timeMs: number): number {
  if (timeMs >= 0 && Number.isSafeInteger(timeMs)) return timeMs;
  return reader.fail("a time that no clock shows");
}
