/**
 * A large stream in parts, each an image of its own: blocks first, then consumers in the order of
 * their creation, then what is pending, with those of the consumers that it needs.
 */
import { canonicalBytes } from "../base/bytes.ts";
import { frozenPack } from "../data/stream-block.ts";
import type {
  BlockImage,
  ConsumerImage,
  GroupImage,
  PendingImage,
  StreamImage,
} from "../keyspace/effect-stream-image.ts";
import type { StreamConsumer, StreamGroup } from "../keyspace/stream-group.ts";
import type { StreamValue } from "../keyspace/stream-value.ts";

const ID_BYTES = 17;
const CONSUMER_BYTES = 20;
const PENDING_BYTES = 40;

export function* streamParts(
  stream: StreamValue,
  partBytes: number,
): IterableIterator<StreamImage> {
  const { lastId, maxDeletedId, entriesAdded } = stream;
  const image = (blocks: readonly BlockImage[], groups: readonly GroupImage[]): StreamImage => ({
    lastId,
    maxDeletedId,
    entriesAdded,
    blocks,
    groups,
  });
  let blocks: BlockImage[] = [];
  let sizeBytes = 0;
  for (const block of stream.entries.blocks) {
    const pack = canonicalBytes(frozenPack(block));
    blocks.push({ id: block.id, pack });
    sizeBytes += pack.length + ID_BYTES;
    if (sizeBytes < partBytes) continue;
    yield image(blocks, []);
    blocks = [];
    sizeBytes = 0;
  }
  // Also of a stream that has nothing else: an empty one is there.
  yield image(blocks, []);
  for (const group of stream.groups) {
    for (const part of groupParts(group, partBytes)) yield image([], [part]);
  }
}

function* groupParts(group: StreamGroup, partBytes: number): IterableIterator<GroupImage> {
  const { name, lastId, entriesRead } = group;
  let consumers: ConsumerImage[] = [];
  let sizeBytes = 0;
  for (const consumer of group.consumers.values()) {
    consumers.push(imageOf(consumer));
    sizeBytes += consumer.name.length + CONSUMER_BYTES;
    if (sizeBytes < partBytes) continue;
    yield { name, lastId, entriesRead, consumers, pending: [] };
    consumers = [];
    sizeBytes = 0;
  }
  yield { name, lastId, entriesRead, consumers, pending: [] };
  for (const part of pendingParts(group, partBytes)) yield { name, lastId, entriesRead, ...part };
}

function* pendingParts(
  group: StreamGroup,
  partBytes: number,
): IterableIterator<Pick<GroupImage, "consumers" | "pending">> {
  let places = new Map<StreamConsumer, number>();
  let pending: PendingImage[] = [];
  let sizeBytes = 0;
  const part = () => ({ consumers: Array.from(places.keys(), imageOf), pending });
  for (const { id, consumer, deliveredMs, deliveryCount } of group.pending) {
    let consumerIndex = places.get(consumer);
    if (consumerIndex === undefined) {
      consumerIndex = places.size;
      places.set(consumer, consumerIndex);
      sizeBytes += consumer.name.length + CONSUMER_BYTES;
    }
    pending.push({ id, consumerIndex, deliveredMs, deliveryCount });
    sizeBytes += PENDING_BYTES;
    if (sizeBytes < partBytes) continue;
    yield part();
    places = new Map();
    pending = [];
    sizeBytes = 0;
  }
  if (pending.length > 0) yield part();
}

function imageOf({ name, seenMs, activeMs }: StreamConsumer): ConsumerImage {
  return { name, seenMs, activeMs };
}
