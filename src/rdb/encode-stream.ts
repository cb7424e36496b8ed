/**
 * A stream as RDB. Blocks go as they are; one of which every entry was deleted stays behind, since
 * Redis has none such.
 */
import { blockOf } from "../data/stream-block.ts";
import { ID_MIN, type StreamId, wideMsOf, wideSequenceOf } from "../data/stream-id.ts";
import { StreamReader } from "../data/stream-reader.ts";
import type { GroupImage, StreamImage } from "../keyspace/effect-stream-image.ts";
import { firstLiveId } from "./decode-stream.ts";
import { ValueType } from "./format.ts";
import type { RdbWriter } from "./writer.ts";

/** How -1 is written where only counts are. */
const UNKNOWN = 2n ** 64n - 1n;

/** Version 10 takes the time at which a consumer was seen for that at which it got something. */
export function isBeyondVersion10({ groups }: StreamImage): boolean {
  return groups.some(({ consumers }) =>
    consumers.some(({ seenMs, activeMs }) => seenMs !== activeMs),
  );
}

export function encodeStream(writer: RdbWriter, image: StreamImage, type: number): void {
  const blocks = image.blocks.map(({ id, pack }) => blockOf(id, pack));
  const live = blocks.filter((block) => block.liveCount > 0);
  writer.count(live.length);
  let length = 0;
  for (const block of live) {
    writer.string(Buffer.from(block.id, "latin1"));
    const { pack, byteCount } = block;
    writer.string(
      typeof pack === "string" ? Buffer.from(pack, "latin1") : pack.subarray(0, byteCount),
    );
    length += block.liveCount;
  }
  writer.count(length);
  encodeId(writer, image.lastId);
  encodeId(writer, live.length === 0 ? ID_MIN : firstLiveId(new StreamReader(live[0])));
  encodeId(writer, image.maxDeletedId);
  writer.count(image.entriesAdded);
  writer.count(image.groups.length);
  for (const group of image.groups) encodeGroup(writer, group, type === ValueType.stream3);
}

function encodeGroup(writer: RdbWriter, group: GroupImage, hasActive: boolean): void {
  const { name, lastId, entriesRead, consumers, pending } = group;
  writer.string(name);
  encodeId(writer, lastId);
  if (entriesRead < 0) writer.wideCount(UNKNOWN);
  else writer.count(entriesRead);
  writer.count(pending.length);
  const own: StreamId[][] = consumers.map(() => []);
  for (const { id, consumerIndex, deliveredMs, deliveryCount } of pending) {
    writer.raw(id);
    writer.i64(deliveredMs);
    writer.count(deliveryCount);
    own[consumerIndex].push(id);
  }
  writer.count(consumers.length);
  consumers.forEach(({ name: consumer, seenMs, activeMs }, index) => {
    writer.string(consumer);
    writer.i64(seenMs);
    if (hasActive) writer.i64(activeMs);
    writer.count(own[index].length);
    for (const id of own[index]) writer.raw(id);
  });
}

function encodeId(writer: RdbWriter, id: StreamId): void {
  writer.wideCount(wideMsOf(id));
  writer.wideCount(wideSequenceOf(id));
}
