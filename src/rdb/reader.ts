/**
 * Reads RDB's numbers and strings from bytes that nobody vouches for. Nothing is read past the end,
 * and nothing is allocated for what is only declared.
 *
 * - What is wrong is a MalformedBytes. If there are merely too few bytes it is a BytesMissing, for
 *   who can get more and begin again (`file-reader.ts`).
 * - What a value takes in memory is bounded while it is read: ValueTooLarge, since a compressed
 *   string may be a hundred times what came.
 */
import { MalformedBytes } from "../base/byte-reader.ts";
import { type Bytes, SHORT_BYTES_MAX } from "../base/bytes.ts";
import { limits } from "../base/limits.ts";
import { LENGTH_32, LENGTH_64, LengthForm, StringForm } from "./format.ts";
import { decompressed, mayExpandTo } from "./lzf.ts";

export class BytesMissing extends MalformedBytes {
  /** From the reader's first byte on. */
  readonly neededBytes: number;
  constructor(neededBytes: number, byteCount: number) {
    super(`it ends at byte ${byteCount} and goes on to ${neededBytes}`);
    this.neededBytes = neededBytes;
  }
}

export class ValueTooLarge extends Error {
  override readonly name = "ValueTooLarge";
}

const TWO_32 = 2 ** 32;
/** What each element takes in an effect besides its bytes. */
const ELEMENT_BYTES = 4;

export class RdbReader {
  offset: number;
  readonly #bytes: Buffer;
  #roomBytes: number;
  #elementsLeft: number;

  /** `roomBytes` bounds what one value may become. */
  constructor(bytes: Buffer, roomBytes: number = limits.restoredBytesMax) {
    this.#bytes = bytes;
    this.offset = 0;
    this.#roomBytes = roomBytes;
    this.#elementsLeft = limits.restoredElementsMax;
  }

  get remaining(): number {
    return this.#bytes.length - this.offset;
  }

  u8(): number {
    this.#need(1);
    const value = this.#bytes[this.offset];
    this.offset += 1;
    return value;
  }

  u32(): number {
    const at = this.#take(4);
    return this.#bytes.readUInt32LE(at);
  }

  f64(): number {
    const at = this.#take(8);
    return this.#bytes.readDoubleLE(at);
  }

  /** A signed integer of 64 bits, rounded where it is not safe. */
  i64(): number {
    const at = this.#take(8);
    return this.#bytes.readInt32LE(at + 4) * TWO_32 + this.#bytes.readUInt32LE(at);
  }

  /** So many bytes, which are not copied. */
  raw(byteCount: number): Buffer {
    const at = this.#take(byteCount);
    return this.#bytes.subarray(at, at + byteCount);
  }

  /** A length that is a safe integer, and no encoding. */
  length(): number {
    const first = this.u8();
    const form = first >>> 6;
    if (form === LengthForm.six) return first;
    if (form === LengthForm.fourteen) return ((first & 0x3f) << 8) | this.u8();
    if (first === LENGTH_32) return this.#u32BigEndian();
    if (first !== LENGTH_64) this.fail("what is no length");
    const value = this.#u32BigEndian() * TWO_32 + this.#u32BigEndian();
    if (!Number.isSafeInteger(value)) this.fail("a number above 2^53");
    return value;
  }

  /** The same of all 64 bits. */
  wideLength(): bigint {
    this.#need(1);
    if (this.#bytes[this.offset] !== LENGTH_64) return BigInt(this.length());
    const at = this.#take(9);
    return this.#bytes.readBigUInt64BE(at + 1);
  }

  /** How many elements follow, each of at least so many bytes. */
  elementCount(bytesEach: number): number {
    const count = this.length();
    if (count > limits.restoredElementsMax) {
      throw new ValueTooLarge(`${count} elements are more than one value may have`);
    }
    if (count * bytesEach > this.remaining) this.#missing(this.offset + count * bytesEach);
    return count;
  }

  /** A string as the keyspace holds it, which is its own copy. */
  value(): Bytes {
    const bytes = this.blob();
    if (typeof bytes === "string") return bytes;
    return canonicalCopy(bytes, 0, bytes.length);
  }

  /** A string as a key or a member. */
  text(): string {
    const bytes = this.blob();
    return typeof bytes === "string" ? bytes : bytes.latin1Slice(0, bytes.length);
  }

  /**
   * A string that holds a structure; it may share the reader's memory. What the value takes are its
   * elements, which are noted one by one.
   */
  structure(): Buffer {
    const roomBytes = this.#roomBytes;
    const bytes = this.blob();
    this.#roomBytes = roomBytes;
    return typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
  }

  /** An integer is text, all else a Buffer that may share the reader's memory. */
  blob(): Bytes {
    this.#need(1);
    const first = this.#bytes[this.offset];
    if (first >>> 6 === LengthForm.encoded) return this.#encodedString(first & 0x3f);
    const byteCount = this.length();
    this.#checkStringLength(byteCount);
    const bytes = this.raw(byteCount);
    this.takeRoom(byteCount);
    return bytes;
  }

  /** Notes an element of so many bytes that a structure holds. */
  takeElement(byteCount: number): void {
    this.takeRoom(byteCount + ELEMENT_BYTES);
    this.#elementsLeft -= 1;
    if (this.#elementsLeft < 0) throw new ValueTooLarge("more elements than one value may have");
  }

  takeRoom(byteCount: number): void {
    this.#roomBytes -= byteCount;
    if (this.#roomBytes < 0) throw new ValueTooLarge("more bytes than one value may have");
  }

  fail(what: string): never {
    throw new MalformedBytes(`${what} at byte ${this.offset}`);
  }

  #encodedString(form: number): Bytes {
    this.offset += 1;
    if (form > StringForm.lzf) this.fail("an unknown form of a string");
    if (form !== StringForm.lzf) {
      const byteCount = 1 << form;
      const text = String(this.#bytes.readIntLE(this.#take(byteCount), byteCount));
      this.takeRoom(text.length);
      return text;
    }
    const compressedBytes = this.length();
    const byteCount = this.length();
    this.#checkStringLength(byteCount);
    const compressed = this.raw(compressedBytes);
    if (byteCount === 0 || !mayExpandTo(compressedBytes, byteCount)) {
      this.fail("a compressed string that cannot be so long");
    }
    this.takeRoom(byteCount);
    return decompressed(compressed, byteCount) ?? this.fail("a string that was compressed badly");
  }

  #checkStringLength(byteCount: number): void {
    if (byteCount > limits.argumentBytesMax) {
      throw new ValueTooLarge(`a string of ${byteCount} bytes is longer than one may be`);
    }
  }

  #u32BigEndian(): number {
    const at = this.#take(4);
    return this.#bytes.readUInt32BE(at);
  }

  /** Where they begin. */
  #take(byteCount: number): number {
    this.#need(byteCount);
    const at = this.offset;
    this.offset += byteCount;
    return at;
  }

  #need(byteCount: number): void {
    if (byteCount > this.remaining) this.#missing(this.offset + byteCount);
  }

  #missing(neededBytes: number): never {
    throw new BytesMissing(neededBytes, this.#bytes.length);
  }
}

/** Bytes `start` to `end` in canonical form, as a copy. */
export function canonicalCopy(bytes: Buffer, start: number, end: number): Bytes {
  if (end - start <= SHORT_BYTES_MAX) return bytes.latin1Slice(start, end);
  const copy = Buffer.allocUnsafeSlow(end - start);
  bytes.copy(copy, 0, start, end);
  return copy;
}
