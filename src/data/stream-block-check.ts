/**
 * Whether bytes are a block of a stream (`stream-block.ts`): asked of those that come from outside,
 * so that nothing that reads blocks needs to doubt them.
 */
import { type Bytes, toBuffer } from "../base/bytes.ts";
import { COUNT_UNKNOWN, FIRST_AT, integerAt, nextAt, previousAt } from "./listpack.ts";
import { blockOf, DELETED_FLAG, SAME_FIELDS_FLAG } from "./stream-block.ts";
import type { StreamId } from "./stream-id.ts";
import { StreamReader } from "./stream-reader.ts";

const END = 0xff;
const COUNT_AT = 4;
const FLAGS_FORM_MAX = 0x7f;
const FLAGS = DELETED_FLAG | SAME_FIELDS_FLAG;
/** Of an encoding and its length, which must be there before they are read. */
const HEAD_BYTES_MAX = 9;

export function isStreamBlock(pack: Bytes): boolean {
  if (pack.length <= FIRST_AT) return false;
  return new Check(toBuffer(pack)).passes();
}

/**
 * The id of the last entry of a block (`isStreamBlock`) of that id, behind a block whose last entry
 * is `before`; undefined if ids do not ascend, or if a mark is no byte, which is set in place.
 */
export function lastIdOfBlock(
  id: StreamId,
  pack: Bytes,
  before: StreamId | undefined,
): StreamId | undefined {
  if (before !== undefined && id <= before) return undefined;
  const bytes = toBuffer(pack);
  const entries = new StreamReader(blockOf(id, pack));
  let last = before ?? "";
  entries.toFirst();
  do {
    const next = entries.id();
    if (next <= last || next < id || bytes[entries.at] > FLAGS_FORM_MAX) return undefined;
    last = next;
  } while (entries.toNext());
  return last;
}

class Check {
  readonly #bytes: Buffer;
  /** A copy with zeros behind it: a head that is cut off is read as what it is not, and found. */
  readonly #end: number;
  #at: number;
  #elementCount = 0;
  #isBad: boolean;

  constructor(bytes: Buffer) {
    this.#end = bytes.length - 1;
    this.#bytes = Buffer.concat([bytes, Buffer.alloc(HEAD_BYTES_MAX)]);
    this.#at = FIRST_AT;
    this.#isBad = bytes.readUInt32LE(0) !== bytes.length || bytes[this.#end] !== END;
  }

  passes(): boolean {
    const live = this.#number();
    const deleted = this.#number();
    const fieldCount = this.#number();
    this.#skip(fieldCount);
    if (this.#number() !== 0) return false;
    let left = live + deleted;
    if (live < 0 || deleted < 0 || left === 0) return false;
    let seenDeleted = 0;
    for (; left > 0 && !this.#isBad; left -= 1) {
      if (this.#entryIsDeleted(fieldCount)) seenDeleted += 1;
    }
    return !this.#isBad && this.#at === this.#end && seenDeleted === deleted && this.#isCounted();
  }

  #isCounted(): boolean {
    const declared = this.#bytes.readUInt16LE(COUNT_AT);
    return declared === this.#elementCount || declared === COUNT_UNKNOWN;
  }

  #entryIsDeleted(fieldCount: number): boolean {
    const flags = this.#number();
    if ((flags & ~FLAGS) !== 0) this.#isBad = true;
    this.#integer();
    this.#integer();
    const isSame = (flags & SAME_FIELDS_FLAG) !== 0;
    const count = isSame ? fieldCount : this.#number();
    this.#skip(isSame ? count : count * 2);
    if (this.#number() !== (isSame ? 3 + count : 4 + count * 2)) this.#isBad = true;
    return (flags & DELETED_FLAG) !== 0;
  }

  /** Of those that count or mark: never below 0. */
  #number(): number {
    const at = this.#step();
    const value = at < 0 ? undefined : integerAt(this.#bytes, at);
    if (value !== undefined && value >= 0) return value;
    this.#isBad = true;
    return 0;
  }

  /** Any that fits 64 bits. */
  #integer(): void {
    const at = this.#step();
    const first = at < 0 ? 0x80 : this.#bytes[at];
    if ((first >= 0x80 && first < 0xc0) || (first >= 0xe0 && first < 0xf1)) this.#isBad = true;
  }

  #skip(count: number): void {
    for (let left = count; left > 0 && !this.#isBad; left -= 1) this.#step();
  }

  /** Where the element begins that is passed; -1 if it does not fit. */
  #step(): number {
    const at = this.#at;
    const first = this.#bytes[at];
    const next = this.#isBad || first > 0xf4 ? this.#end + 1 : nextAt(this.#bytes, at);
    if (at >= this.#end || next > this.#end || previousAt(this.#bytes, next) !== at) {
      this.#isBad = true;
      return -1;
    }
    this.#at = next;
    this.#elementCount += 1;
    return at;
  }
}
