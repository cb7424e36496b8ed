/**
 * Reads the entries of one block of a stream, forwards or backwards.
 *
 * The reader stands at one entry at a time; what it gives of it is a copy. Ids are plain numbers
 * where they are safe: `isBefore` compares as the 16 bytes would.
 */
import { type Bytes, SHORT_BYTES_MAX } from "../base/bytes.ts";
import { FIRST_AT, integerAt, isEnd, nextAt, previousAt, valueAt } from "./listpack.ts";
import {
  blockBytes,
  DELETED_FLAG,
  numberAt,
  SAME_FIELDS_FLAG,
  type StreamBlock,
  wideId,
} from "./stream-block.ts";
import { idOf, idText, msOf, type StreamId, sequenceOf } from "./stream-id.ts";

export class StreamReader {
  /** Where the present entry begins. */
  at: number;
  isDeleted: boolean;
  readonly #blockId: StreamId;
  /** NaN if a half of the block's id is no safe integer: then every id is a wide one. */
  readonly #blockMs: number;
  readonly #blockSequence: number;
  readonly #bytes: Buffer;
  readonly #fieldCount: number;
  readonly #fieldsAt: number;
  readonly #firstAt: number;
  #fields: Bytes[] | undefined;
  #hasSameFields: boolean;
  #ms: number;
  #sequence: number;
  /** The id if it is no two plain numbers. */
  #wideId: StreamId | undefined;
  #count: number;
  #valuesAt: number;

  constructor(block: StreamBlock) {
    const bytes = blockBytes(block);
    const countAt = nextAt(bytes, nextAt(bytes, FIRST_AT));
    this.#blockId = block.id;
    this.#blockMs = safe(msOf(block.id));
    this.#blockSequence = safe(sequenceOf(block.id));
    this.#bytes = bytes;
    this.#fieldCount = numberAt(bytes, countAt);
    this.#fieldsAt = nextAt(bytes, countAt);
    let at = this.#fieldsAt;
    for (let left = this.#fieldCount; left > 0; left -= 1) at = nextAt(bytes, at);
    this.#firstAt = nextAt(bytes, at);
    this.#fields = undefined;
    this.at = this.#firstAt;
    this.isDeleted = false;
    this.#hasSameFields = false;
    this.#ms = 0;
    this.#sequence = 0;
    this.#wideId = undefined;
    this.#count = 0;
    this.#valuesAt = 0;
  }

  /** To the first entry, marked or not. A block has one. */
  toFirst(): void {
    this.#read(this.#firstAt);
  }

  toLast(): void {
    const bytes = this.#bytes;
    this.#read(this.#entryBefore(bytes.readUInt32LE(0) - 1));
  }

  /** False, and the reader stays, at the last. */
  toNext(): boolean {
    const bytes = this.#bytes;
    let at = this.#valuesAt;
    let pieces = this.#hasSameFields ? this.#count : this.#count * 2;
    for (; pieces >= 0; pieces -= 1) at = nextAt(bytes, at);
    if (isEnd(bytes, at)) return false;
    this.#read(at);
    return true;
  }

  /** False, and the reader stays, at the first. */
  toPrevious(): boolean {
    if (this.at === this.#firstAt) return false;
    this.#read(this.#entryBefore(this.at));
    return true;
  }

  id(): StreamId {
    return this.#wideId ?? idOf(this.#ms, this.#sequence);
  }

  /** `<ms>-<sequence>`. */
  text(): string {
    return this.#wideId === undefined ? `${this.#ms}-${this.#sequence}` : idText(this.#wideId);
  }

  /** Negative, 0 or positive, as the entry's id is before, at or after the given one. */
  compare(id: StreamId): number {
    const wide = this.#wideId;
    if (wide !== undefined) return wide < id ? -1 : wide > id ? 1 : 0;
    // A half of `id` that is rounded is above each of ours.
    return this.#ms - msOf(id) || this.#sequence - sequenceOf(id);
  }

  /** Field, value, field, value. */
  pairs(): Bytes[] {
    const bytes = this.#bytes;
    const fields = this.#hasSameFields ? this.#commonFields() : undefined;
    const pairs = new Array<Bytes>(this.#count * 2);
    let at = this.#valuesAt;
    for (let index = 0; index < this.#count; index += 1) {
      if (fields !== undefined) pairs[index * 2] = fields[index];
      else {
        pairs[index * 2] = readValue(bytes, at);
        at = nextAt(bytes, at);
      }
      pairs[index * 2 + 1] = readValue(bytes, at);
      at = nextAt(bytes, at);
    }
    return pairs;
  }

  #commonFields(): Bytes[] {
    if (this.#fields !== undefined) return this.#fields;
    const fields: Bytes[] = [];
    let at = this.#fieldsAt;
    for (let left = this.#fieldCount; left > 0; left -= 1) {
      fields.push(readValue(this.#bytes, at));
      at = nextAt(this.#bytes, at);
    }
    this.#fields = fields;
    return fields;
  }

  /** Where the entry begins that ends at `end`. */
  #entryBefore(end: number): number {
    const bytes = this.#bytes;
    let at = previousAt(bytes, end);
    for (let left = numberAt(bytes, at); left > 0; left -= 1) at = previousAt(bytes, at);
    return at;
  }

  #read(at: number): void {
    const bytes = this.#bytes;
    const flags = bytes[at];
    this.at = at;
    this.isDeleted = (flags & DELETED_FLAG) !== 0;
    this.#hasSameFields = (flags & SAME_FIELDS_FLAG) !== 0;
    const msAt = nextAt(bytes, at);
    const sequenceAt = nextAt(bytes, msAt);
    this.#readId(msAt, sequenceAt);
    const after = nextAt(bytes, sequenceAt);
    if (this.#hasSameFields) {
      this.#count = this.#fieldCount;
      this.#valuesAt = after;
    } else {
      this.#count = numberAt(bytes, after);
      this.#valuesAt = nextAt(bytes, after);
    }
  }

  #readId(msAt: number, sequenceAt: number): void {
    const bytes = this.#bytes;
    const msDifference = integerAt(bytes, msAt);
    const difference = integerAt(bytes, sequenceAt);
    this.#wideId = undefined;
    if (msDifference !== undefined && difference !== undefined) {
      this.#ms = this.#blockMs + msDifference;
      this.#sequence = this.#blockSequence + difference;
      // Differences are modulo 2^64: below 0 the half is a large one.
      if (isHalf(this.#ms) && isHalf(this.#sequence)) return;
    }
    this.#wideId = wideId(this.#blockId, bytes, msAt, sequenceAt);
  }
}

function safe(half: number): number {
  return half <= Number.MAX_SAFE_INTEGER ? half : Number.NaN;
}

function isHalf(half: number): boolean {
  return half >= 0 && half <= Number.MAX_SAFE_INTEGER;
}

function readValue(bytes: Buffer, at: number): Bytes {
  const first = bytes[at];
  if (first < 0xe0 || first > 0xf0) return valueAt(bytes, at);
  const isShort = first < 0xf0;
  const length = isShort ? ((first & 0xf) << 8) | bytes[at + 1] : bytes.readUInt32LE(at + 1);
  if (length <= SHORT_BYTES_MAX) return valueAt(bytes, at);
  const start = at + (isShort ? 2 : 5);
  const copy = Buffer.allocUnsafeSlow(length);
  bytes.copy(copy, 0, start, start + length);
  return copy;
}
