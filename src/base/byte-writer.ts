/**
 * A growing buffer for binary formats. Numbers are little endian; `bytes` is length-prefixed.
 *
 * A writer is used again (`clear`), so `written()` is a view that the next write may overwrite.
 */
import { assert } from "./assert.ts";
import { type Bytes, writeBinaryString } from "./bytes.ts";

export class ByteWriter {
  length: number;
  #buffer: Buffer;

  constructor(capacity = 1024) {
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(16, capacity));
    this.length = 0;
  }

  get capacity(): number {
    return this.#buffer.length;
  }

  clear(): void {
    this.length = 0;
  }

  /** Leaves room for something written later, in place. */
  skip(byteCount: number): void {
    this.#reserve(byteCount);
    this.length += byteCount;
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#buffer[this.length] = value;
    this.length += 1;
  }

  u32(value: number): void {
    assert(value >= 0 && value <= 0xffffffff, "u32 in range");
    this.#reserve(4);
    this.#put32(value);
  }

  /** A safe integer from 0 to 2^53 - 1, in eight bytes. */
  count(value: number): void {
    assert(Number.isSafeInteger(value) && value >= 0, "a count is a safe integer");
    this.#reserve(8);
    this.#put32(value % 2 ** 32);
    this.#put32(Math.floor(value / 2 ** 32));
  }

  f64(value: number): void {
    this.#reserve(8);
    this.#buffer.writeDoubleLE(value, this.length);
    this.length += 8;
  }

  /** u32 length, then the bytes. */
  bytes(value: Bytes): void {
    const byteCount = value.length;
    this.#reserve(4 + byteCount);
    this.#put32(byteCount);
    if (typeof value === "string") writeBinaryString(this.#buffer, value, this.length);
    else value.copy(this.#buffer, this.length);
    this.length += byteCount;
  }

  written(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }

  /** Byte by byte: Buffer's own methods check their arguments again, on every call. */
  #put32(value: number): void {
    const buffer = this.#buffer;
    const at = this.length;
    buffer[at] = value;
    buffer[at + 1] = value >>> 8;
    buffer[at + 2] = value >>> 16;
    buffer[at + 3] = value >>> 24;
    this.length = at + 4;
  }

  #reserve(byteCount: number): void {
    const needed = this.length + byteCount;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.length);
    this.#buffer = grown;
  }
}
