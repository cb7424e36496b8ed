/**
 * Writes RDB's numbers and strings into memory that grows. Strings are not compressed: a reader
 * needs nothing for that, and time on the event loop is dearer than room in a file.
 */
import { type Bytes, writeBinaryString } from "../base/bytes.ts";
import { LENGTH_32, LENGTH_64, LengthForm, StringForm } from "./format.ts";

const CAPACITY_MIN = 256;
const TWO_32 = 2 ** 32;
/** The longest text that is written as an integer of 32 bits. */
const INTEGER_TEXT_MAX = 11;
const INTEGER_TEXT = /^(?:0|-?[1-9]\d{0,9})$/;

export class RdbWriter {
  length = 0;
  #bytes = Buffer.allocUnsafeSlow(CAPACITY_MIN);

  clear(): void {
    this.length = 0;
  }

  /** Good until the next write. */
  written(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }

  u8(value: number): void {
    const at = this.#reserve(1);
    this.#bytes[at] = value;
  }

  u16(value: number): void {
    const at = this.#reserve(2);
    this.#bytes.writeUInt16LE(value, at);
  }

  f64(value: number): void {
    const at = this.#reserve(8);
    this.#bytes.writeDoubleLE(value, at);
  }

  /** A safe integer as 64 bits with a sign. */
  i64(value: number): void {
    const at = this.#reserve(8);
    this.#bytes.writeBigInt64LE(BigInt(value), at);
  }

  /** A safe integer. */
  count(value: number): void {
    if (value < 64) this.u8(value);
    else if (value < 16_384) {
      this.u8((LengthForm.fourteen << 6) | (value >>> 8));
      this.u8(value & 255);
    } else if (value < TWO_32) {
      this.u8(LENGTH_32);
      const at = this.#reserve(4);
      this.#bytes.writeUInt32BE(value, at);
    } else this.wideCount(BigInt(value));
  }

  /** Of up to 64 bits, in the shortest form. */
  wideCount(value: bigint): void {
    if (value < BigInt(TWO_32)) {
      this.count(Number(value));
      return;
    }
    this.u8(LENGTH_64);
    const at = this.#reserve(8);
    this.#bytes.writeBigUInt64BE(value, at);
  }

  /** Without its length. */
  raw(value: Bytes): void {
    const at = this.#reserve(value.length);
    if (typeof value === "string") writeBinaryString(this.#bytes, value, at);
    else value.copy(this.#bytes, at);
  }

  string(value: Bytes): void {
    if (typeof value === "string" && value.length <= INTEGER_TEXT_MAX && this.#integer(value)) {
      return;
    }
    this.count(value.length);
    this.raw(value);
  }

  /** False if it is none. */
  #integer(text: string): boolean {
    if (!INTEGER_TEXT.test(text)) return false;
    const value = Number(text);
    if (value !== (value | 0)) return false;
    const form = (value << 24) >> 24 === value ? 0 : (value << 16) >> 16 === value ? 1 : 2;
    this.u8(
      (LengthForm.encoded << 6) | [StringForm.int8, StringForm.int16, StringForm.int32][form],
    );
    const byteCount = 1 << form;
    const at = this.#reserve(byteCount);
    this.#bytes.writeIntLE(value, at, byteCount);
    return true;
  }

  /** Where there is room for so many. */
  #reserve(byteCount: number): number {
    const at = this.length;
    this.length = at + byteCount;
    if (this.length > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(this.length, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, at);
      this.#bytes = grown;
    }
    return at;
  }
}
