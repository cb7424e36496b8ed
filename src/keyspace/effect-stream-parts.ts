/**
 * Ids and small numbers inside effects on streams, as bytes.
 *
 *   number = seven bits a byte, the lowest first, all but the last with the high bit
 *   id = u8: shared << 4 | zeros; then the bytes between: the id begins with so many bytes of the
 *     id before it in the effect (of 0-0 for the first) and ends with so many zeros
 *   ids = u32 count, and so many
 */
import type { ByteReader } from "../base/byte-reader.ts";
import type { ByteWriter } from "../base/byte-writer.ts";
import { limits } from "../base/limits.ts";
import { ID_BYTES, ID_MIN, type StreamId } from "../data/stream-id.ts";

/** What four bits can say. */
const PART_MAX = 15;
const scratch = Buffer.alloc(ID_BYTES);

export function encodeNumber(writer: ByteWriter, value: number): void {
  let left = value;
  while (left >= 128) {
    writer.u8((left % 128) + 128);
    left = Math.floor(left / 128);
  }
  writer.u8(left);
}

export function decodeNumber(reader: ByteReader): number {
  let value = 0;
  for (let factor = 1; ; factor *= 128) {
    const byte = reader.u8();
    value += (byte & 127) * factor;
    if (!Number.isSafeInteger(value)) reader.fail("a number is above 2^53");
    if (byte < 128) return value;
  }
}

/** A number that a stream counts on from; `more` is what it stands above it in the bytes. */
export function decodeCounter(reader: ByteReader, more = 0): number {
  const counter = decodeNumber(reader);
  return counter - more <= limits.streamCounterMax
    ? counter
    : reader.fail("a counter of a stream above its limit");
}

/** `before` is what the id may share its beginning with. */
export function encodeId(writer: ByteWriter, id: StreamId, before: StreamId = ID_MIN): void {
  let shared = 0;
  while (shared < PART_MAX && id.charCodeAt(shared) === before.charCodeAt(shared)) shared += 1;
  let end = ID_BYTES;
  while (end > shared && ID_BYTES - end < PART_MAX && id.charCodeAt(end - 1) === 0) end -= 1;
  writer.u8((shared << 4) | (ID_BYTES - end));
  for (let index = shared; index < end; index += 1) writer.u8(id.charCodeAt(index));
}

export function decodeId(reader: ByteReader, before: StreamId = ID_MIN): StreamId {
  const head = reader.u8();
  const shared = head >>> 4;
  const end = ID_BYTES - (head & PART_MAX);
  if (end < shared) reader.fail("an id of more than 16 bytes");
  scratch.latin1Write(before, 0, shared);
  for (let index = shared; index < end; index += 1) scratch[index] = reader.u8();
  scratch.fill(0, end);
  return scratch.latin1Slice(0, ID_BYTES);
}

export function encodeIds(writer: ByteWriter, ids: readonly StreamId[]): void {
  writer.u32(ids.length);
  for (let index = 0; index < ids.length; index += 1) {
    encodeId(writer, ids[index], index === 0 ? ID_MIN : ids[index - 1]);
  }
}

export function decodeIds(reader: ByteReader): StreamId[] {
  const ids = new Array<StreamId>(reader.itemCount(1));
  for (let index = 0; index < ids.length; index += 1) {
    ids[index] = decodeId(reader, index === 0 ? ID_MIN : ids[index - 1]);
  }
  return ids;
}
