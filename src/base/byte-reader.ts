/**
 * The counterpart of ByteWriter for bytes that nobody vouches for: every length is checked against
 * what is there, and a bad one is a MalformedBytes that names the place. Nothing is read past the
 * end.
 */
import { type Bytes, SHORT_BYTES_MAX } from "./bytes.ts";

export class MalformedBytes extends Error {
  override readonly name = "MalformedBytes";
}

export class ByteReader {
  offset: number;
  readonly #buffer: Buffer;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
    this.offset = 0;
  }

  get remaining(): number {
    return this.#buffer.length - this.offset;
  }

  u8(): number {
    this.#need(1);
    const value = this.#buffer[this.offset];
    this.offset += 1;
    return value;
  }

  u32(): number {
    this.#need(4);
    const value = this.#buffer.readUInt32LE(this.offset);
    this.offset += 4;
    return value;
  }

  f64(): number {
    this.#need(8);
    const value = this.#buffer.readDoubleLE(this.offset);
    this.offset += 8;
    return value;
  }

  count(): number {
    this.#need(8);
    const low = this.#buffer.readUInt32LE(this.offset);
    const high = this.#buffer.readUInt32LE(this.offset + 4);
    const value = high * 2 ** 32 + low;
    if (!Number.isSafeInteger(value)) this.fail("a count is above 2^53");
    this.offset += 8;
    return value;
  }

  /** Bytes in canonical form; long ones are a copy of their own. */
  bytes(): Bytes {
    const start = this.#length();
    const end = this.offset;
    if (end - start <= SHORT_BYTES_MAX) return this.#buffer.latin1Slice(start, end);
    const copy = Buffer.allocUnsafeSlow(end - start);
    this.#buffer.copy(copy, 0, start, end);
    return copy;
  }

  /** Bytes as a binary string, whatever their length. */
  binaryString(): string {
    const start = this.#length();
    return this.#buffer.latin1Slice(start, this.offset);
  }

  skip(byteCount: number): void {
    this.#need(byteCount);
    this.offset += byteCount;
  }

  /** Past what `bytes` would give. */
  skipBytes(): void {
    this.#length();
  }

  /** How many items of at least `bytesEach` follow; refuses a number that cannot be true. */
  itemCount(bytesEach: number): number {
    const count = this.u32();
    if (count * bytesEach > this.remaining) this.fail(`${count} items do not fit`);
    return count;
  }

  fail(what: string): never {
    throw new MalformedBytes(`${what} at byte ${this.offset} of ${this.#buffer.length}`);
  }

  #length(): number {
    const byteCount = this.u32();
    this.#need(byteCount);
    const start = this.offset;
    this.offset += byteCount;
    return start;
  }

  #need(byteCount: number): void {
    if (byteCount > this.remaining) this.fail(`${byteCount} bytes are missing`);
  }
}
