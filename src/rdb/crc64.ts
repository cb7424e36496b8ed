/**
 * The checksum of RDB: CRC-64 with Jones's polynomial, reflected, from 0 and without a final turn.
 * Eight bytes at a step, on two halves of 32 bits: a bigint for each byte would be a hundred times
 * slower.
 */

const POLYNOMIAL_LOW = 0xac4bc9b5 | 0;
const POLYNOMIAL_HIGH = 0x95ac9329 | 0;
const SLICES = 8;
export const CRC64_BYTES = 8;

const lowTable = new Int32Array(256 * SLICES);
const highTable = new Int32Array(256 * SLICES);
fillTables();

function fillTables(): void {
  for (let byte = 0; byte < 256; byte += 1) {
    let low = byte;
    let high = 0;
    for (let bit = 0; bit < 8; bit += 1) {
      const isOdd = (low & 1) !== 0;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (isOdd) {
        low ^= POLYNOMIAL_LOW;
        high ^= POLYNOMIAL_HIGH;
      }
    }
    lowTable[byte] = low;
    highTable[byte] = high;
  }
  for (let at = 256; at < 256 * SLICES; at += 1) {
    const low = lowTable[at - 256];
    const high = highTable[at - 256];
    lowTable[at] = ((low >>> 8) | (high << 24)) ^ lowTable[low & 255];
    highTable[at] = (high >>> 8) ^ highTable[low & 255];
  }
}

export class Crc64 {
  #low = 0;
  #high = 0;

  update(bytes: Uint8Array, start = 0, end = bytes.length): void {
    let at = start;
    const steppedEnd = end - ((end - start) & 7);
    for (; at < steppedEnd; at += 8) this.#step(bytes, at);
    let low = this.#low;
    let high = this.#high;
    for (; at < end; at += 1) {
      const index = (low ^ bytes[at]) & 255;
      low = ((low >>> 8) | (high << 24)) ^ lowTable[index];
      high = (high >>> 8) ^ highTable[index];
    }
    this.#low = low;
    this.#high = high;
  }

  /** Whether the eight bytes at that place say the same, little endian. */
  equals(bytes: Buffer, at: number): boolean {
    return bytes.readInt32LE(at) === this.#low && bytes.readInt32LE(at + 4) === this.#high;
  }

  write(bytes: Buffer, at: number): void {
    bytes.writeInt32LE(this.#low | 0, at);
    bytes.writeInt32LE(this.#high | 0, at + 4);
  }

  #step(bytes: Uint8Array, at: number): void {
    const a = this.#low ^ word(bytes, at);
    const b = this.#high ^ word(bytes, at + 4);
    const first = 1792 + (a & 255);
    const second = 1536 + ((a >>> 8) & 255);
    const third = 1280 + ((a >>> 16) & 255);
    const fourth = 1024 + (a >>> 24);
    const fifth = 768 + (b & 255);
    const sixth = 512 + ((b >>> 8) & 255);
    const seventh = 256 + ((b >>> 16) & 255);
    const eighth = b >>> 24;
    this.#low =
      lowTable[first] ^
      lowTable[second] ^
      lowTable[third] ^
      lowTable[fourth] ^
      lowTable[fifth] ^
      lowTable[sixth] ^
      lowTable[seventh] ^
      lowTable[eighth];
    this.#high =
      highTable[first] ^
      highTable[second] ^
      highTable[third] ^
      highTable[fourth] ^
      highTable[fifth] ^
      highTable[sixth] ^
      highTable[seventh] ^
      highTable[eighth];
  }
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}
