/**
 * Integers of 1 to 64 bits at any bit of a byte string, highest bit first, in two's complement; and
 * bytes that were changed beside the string that they belong to, until they are written as runs.
 */

const BYTE_MASK = 0xffn;

/** A string with changed bytes on top, and zeros beyond its end; the string itself stays. */
export class PatchedBytes {
  readonly #base: Uint8Array;
  readonly #changed: Map<number, number>;

  constructor(base: Uint8Array) {
    this.#base = base;
    this.#changed = new Map();
  }

  /** Unsigned. */
  read(bitOffset: number, width: number): bigint {
    const first = Math.floor(bitOffset / 8);
    const last = Math.floor((bitOffset + width - 1) / 8);
    let value = 0n;
    for (let at = first; at <= last; at += 1) value = (value << 8n) | BigInt(this.#byte(at));
    const unread = (last + 1) * 8 - (bitOffset + width);
    return BigInt.asUintN(width, value >> BigInt(unread));
  }

  /** The lowest `width` bits of the value. */
  write(bitOffset: number, width: number, value: bigint): void {
    const first = Math.floor(bitOffset / 8);
    const last = Math.floor((bitOffset + width - 1) / 8);
    const shift = BigInt((last + 1) * 8 - (bitOffset + width));
    let mask = BigInt.asUintN(width, -1n) << shift;
    let bits = BigInt.asUintN(width, value) << shift;
    for (let at = last; at >= first; at -= 1) {
      const kept = this.#byte(at) & ~Number(mask & BYTE_MASK);
      this.#changed.set(at, kept | Number(bits & BYTE_MASK));
      mask >>= 8n;
      bits >>= 8n;
    }
  }

  /** The string is to be so long at least. */
  extend(byteCount: number): void {
    if (byteCount > this.#base.length && !this.#changed.has(byteCount - 1)) {
      this.#changed.set(byteCount - 1, 0);
    }
  }

  /** What differs from the string, in order; runs are joined over gaps of `gapMax` bytes. */
  runs(gapMax: number): { readonly start: number; readonly bytes: Buffer }[] {
    const places = [...this.#changed.keys()].filter((at) => this.#byte(at) !== this.#base[at]);
    places.sort((left, right) => left - right);
    const runs: { start: number; bytes: Buffer }[] = [];
    for (let index = 0; index < places.length; ) {
      const start = places[index];
      let end = start + 1;
      for (index += 1; index < places.length && places[index] - end <= gapMax; index += 1) {
        end = places[index] + 1;
      }
      const bytes = Buffer.alloc(end - start);
      for (let at = start; at < end; at += 1) bytes[at - start] = this.#byte(at);
      runs.push({ start, bytes });
    }
    return runs;
  }

  #byte(at: number): number {
    return this.#changed.get(at) ?? (at < this.#base.length ? this.#base[at] : 0);
  }
}
