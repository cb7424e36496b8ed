/**
 * Streams to and from the form that an effect carries (`effect-stream-image.ts`). Both ways copy:
 * a block is changed in place, an effect never.
 */
import { type Bytes, canonicalBytes } from "../base/bytes.ts";
import { blockOf, frozenPack } from "../data/stream-block.ts";
import type { BlockImage, GroupImage, StreamImage } from "./effect-stream-image.ts";
import { StreamGroup } from "./stream-group.ts";
import { StreamValue } from "./stream-value.ts";

export function streamImage(stream: StreamValue): StreamImage {
  const { lastId, maxDeletedId, entriesAdded } = stream;
  const blocks: BlockImage[] = [];
  for (const block of stream.entries.blocks) {
    blocks.push({ id: block.id, pack: canonicalBytes(frozenPack(block)) });
  }
  const groups = Array.from(stream.groups, groupImage);
  return { lastId, maxDeletedId, entriesAdded, blocks, groups };
}

export function streamOf(image: StreamImage): StreamValue {
  const stream = new StreamValue();
  stream.lastId = image.lastId;
  stream.maxDeletedId = image.maxDeletedId;
  stream.entriesAdded = image.entriesAdded;
  for (const { id, pack } of image.blocks) stream.entries.addBlock(blockOf(id, pack));
  for (const group of image.groups) stream.addGroup(groupOf(group));
  return stream;
}

/** Blocks come behind those that are there, consumers and what is pending into their groups. */
export function extendStream(stream: StreamValue, image: StreamImage): void {
  stream.lastId = image.lastId;
  stream.maxDeletedId = image.maxDeletedId;
  stream.entriesAdded = image.entriesAdded;
  for (const { id, pack } of image.blocks) stream.entries.addBlock(blockOf(id, pack));
  for (const group of image.groups) {
    const present = stream.group(group.name);
    if (present === undefined) stream.addGroup(groupOf(group));
    else {
      const costBefore = present.costBytes;
      fillGroup(present, group);
      stream.groupBytes += present.costBytes - costBefore;
    }
  }
}

/** Bytes of the image, without its framing. */
export function streamImageSize(image: StreamImage): number {
  let sizeBytes = 0;
  for (const { pack } of image.blocks) sizeBytes += lengthOf(pack);
  for (const group of image.groups) {
    sizeBytes += group.name.length + group.pending.length * PENDING_BYTES;
    for (const { name } of group.consumers) sizeBytes += name.length;
  }
  return sizeBytes;
}

/** Of a pending entry, at most. */
const PENDING_BYTES = 40;
const ID_BYTES = 17;

function lengthOf(pack: Bytes): number {
  return pack.length + ID_BYTES;
}

function groupImage(group: StreamGroup): GroupImage {
  const { name, lastId, entriesRead } = group;
  const places = new Map<string, number>();
  const consumers = Array.from(group.consumers.values(), (consumer) => {
    places.set(consumer.name, places.size);
    return { name: consumer.name, seenMs: consumer.seenMs, activeMs: consumer.activeMs };
  });
  const pending = Array.from(group.pending, ({ id, consumer, deliveredMs, deliveryCount }) => {
    const consumerIndex = places.get(consumer.name) ?? 0;
    return { id, consumerIndex, deliveredMs, deliveryCount };
  });
  return { name, lastId, entriesRead, consumers, pending };
}

function groupOf(image: GroupImage): StreamGroup {
  const group = new StreamGroup(image.name, image.lastId, image.entriesRead);
  fillGroup(group, image);
  return group;
}

function fillGroup(group: StreamGroup, image: GroupImage): void {
  const consumers = image.consumers.map(({ name, seenMs, activeMs }) => {
    const consumer = group.consumer(name);
    consumer.seenMs = seenMs;
    consumer.activeMs = activeMs;
    return consumer;
  });
  for (const { id, consumerIndex, deliveredMs, deliveryCount } of image.pending) {
    group.pend(id, consumers[consumerIndex], deliveredMs, deliveryCount);
  }
}
