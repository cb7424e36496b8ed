/**
 * A whole stream inside an effect (RENAME, COPY, MOVE), with its bytes: members in the order of the
 * interfaces; lists with a u32 count before; ids and numbers as in `effect-stream-parts.ts`, a
 * number that may be -1 one more than it is; what is pending with its consumer's place in the list.
 */
import type { ByteReader } from "../base/byte-reader.ts";
import type { ByteWriter } from "../base/byte-writer.ts";
import type { Bytes } from "../base/bytes.ts";
import { isStreamBlock, lastIdOfBlock } from "../data/stream-block-check.ts";
import { ID_MIN, type StreamId } from "../data/stream-id.ts";
import {
  decodeCounter,
  decodeId,
  decodeNumber,
  encodeId,
  encodeNumber,
} from "./effect-stream-parts.ts";

export interface StreamImage {
  readonly lastId: StreamId;
  readonly maxDeletedId: StreamId;
  readonly entriesAdded: number;
  readonly blocks: readonly BlockImage[];
  readonly groups: readonly GroupImage[];
}

/** A block's listpack as it is, marks and all (`data/stream-block.ts`); nobody changes it. */
export interface BlockImage {
  readonly id: StreamId;
  readonly pack: Bytes;
}

export interface GroupImage {
  readonly name: string;
  readonly lastId: StreamId;
  /** -1: not known. */
  readonly entriesRead: number;
  readonly consumers: readonly ConsumerImage[];
  /** Ascending. */
  readonly pending: readonly PendingImage[];
}

export interface ConsumerImage {
  readonly name: string;
  readonly seenMs: number;
  /** -1: never. */
  readonly activeMs: number;
}

export interface PendingImage {
  readonly id: StreamId;
  /** Of its consumer, in the group's list. */
  readonly consumerIndex: number;
  readonly deliveredMs: number;
  readonly deliveryCount: number;
}

export function encodeStreamImage(writer: ByteWriter, image: StreamImage): void {
  encodeId(writer, image.lastId);
  encodeId(writer, image.maxDeletedId);
  encodeNumber(writer, image.entriesAdded);
  writer.u32(image.blocks.length);
  for (const { id, pack } of image.blocks) {
    encodeId(writer, id);
    writer.bytes(pack);
  }
  writer.u32(image.groups.length);
  for (const group of image.groups) encodeGroup(writer, group);
}

function encodeGroup(writer: ByteWriter, group: GroupImage): void {
  writer.bytes(group.name);
  encodeId(writer, group.lastId);
  encodeNumber(writer, group.entriesRead + 1);
  writer.u32(group.consumers.length);
  for (const { name, seenMs, activeMs } of group.consumers) {
    writer.bytes(name);
    encodeNumber(writer, seenMs);
    encodeNumber(writer, activeMs + 1);
  }
  writer.u32(group.pending.length);
  let before = ID_MIN;
  for (const { id, consumerIndex, deliveredMs, deliveryCount } of group.pending) {
    encodeId(writer, id, before);
    encodeNumber(writer, consumerIndex);
    encodeNumber(writer, deliveredMs);
    encodeNumber(writer, deliveryCount);
    before = id;
  }
}

export function decodeStreamImage(reader: ByteReader): StreamImage {
  const lastId = decodeId(reader);
  const maxDeletedId = decodeId(reader);
  const entriesAdded = decodeCounter(reader);
  let newest: StreamId | undefined;
  const blocks = new Array<BlockImage>(reader.itemCount(5));
  for (let index = 0; index < blocks.length; index += 1) {
    const id = decodeId(reader);
    const pack = reader.bytes();
    if (!isStreamBlock(pack)) reader.fail("what is no block of a stream");
    newest = lastIdOfBlock(id, pack, newest);
    if (newest === undefined) reader.fail("ids of a stream that do not ascend");
    blocks[index] = { id, pack };
  }
  if (newest !== undefined && lastId < newest) {
    reader.fail("a stream's last id that is before its last entry");
  }
  const groups = new Array<GroupImage>(reader.itemCount(14));
  for (let index = 0; index < groups.length; index += 1) groups[index] = decodeGroup(reader);
  checkDistinct(reader, groups);
  return { lastId, maxDeletedId, entriesAdded, blocks, groups };
}

function decodeGroup(reader: ByteReader): GroupImage {
  const name = reader.binaryString();
  const lastId = decodeId(reader);
  const entriesRead = decodeCounter(reader, 1) - 1;
  const consumers = new Array<ConsumerImage>(reader.itemCount(6));
  for (let index = 0; index < consumers.length; index += 1) {
    const consumer = reader.binaryString();
    const seenMs = decodeNumber(reader);
    consumers[index] = { name: consumer, seenMs, activeMs: decodeNumber(reader) - 1 };
  }
  checkDistinct(reader, consumers);
  const pending = new Array<PendingImage>(reader.itemCount(4));
  let before = ID_MIN;
  for (let index = 0; index < pending.length; index += 1) {
    const id = decodeId(reader, before);
    if (index > 0 && id <= before) reader.fail("pending entries that do not ascend");
    const consumerIndex = decodeNumber(reader);
    if (consumerIndex >= consumers.length) reader.fail("no such consumer");
    const deliveredMs = decodeNumber(reader);
    pending[index] = { id, consumerIndex, deliveredMs, deliveryCount: decodeNumber(reader) };
    before = id;
  }
  return { name, lastId, entriesRead, consumers, pending };
}

function checkDistinct(reader: ByteReader, named: readonly { readonly name: string }[]): void {
  if (named.length < 2) return;
  const names = new Set(named.map(({ name }) => name));
  if (names.size < named.length) reader.fail("a name that comes twice");
}
