/**
 * An array of doubles in chunks (`chunks.ts` says why), eight bytes each and outside V8's heap.
 * The first chunk begins small and doubles; all others have their full size at once.
 */
import { assert } from "../base/assert.ts";

const CHUNK_BITS = 10;
const CHUNK_MAX = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_MAX - 1;
const FIRST_AT_FIRST = 64;

export class DoubleChunks {
  length: number;
  readonly #chunks: Float64Array[];

  constructor() {
    this.length = 0;
    this.#chunks = [new Float64Array(FIRST_AT_FIRST)];
  }

  get(index: number): number {
    return this.#chunks[index >>> CHUNK_BITS][index & CHUNK_MASK];
  }

  set(index: number, value: number): void {
    assert(index < this.length, "the index is inside the array");
    this.#chunks[index >>> CHUNK_BITS][index & CHUNK_MASK] = value;
  }

  push(value: number): void {
    const chunk = this.length >>> CHUNK_BITS;
    if (chunk === this.#chunks.length) this.#chunks.push(new Float64Array(CHUNK_MAX));
    else if (this.length === this.#chunks[0].length && chunk === 0) this.#enlargeFirst();
    this.#chunks[chunk][this.length & CHUNK_MASK] = value;
    this.length += 1;
  }

  pop(): number {
    assert(this.length > 0, "there is something to take");
    this.length -= 1;
    const chunk = this.length >>> CHUNK_BITS;
    const value = this.#chunks[chunk][this.length & CHUNK_MASK];
    // One empty chunk is kept, so that who goes to and fro over its edge allocates nothing.
    if (this.#chunks.length > chunk + 2) this.#chunks.pop();
    return value;
  }

  #enlargeFirst(): void {
    const larger = new Float64Array(this.length * 2);
    larger.set(this.#chunks[0]);
    this.#chunks[0] = larger;
  }
}
