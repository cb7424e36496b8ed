/**
 * An array in chunks: it grows and shrinks at the end without ever being copied as a whole, which
 * for a plain array of a million takes milliseconds at once.
 */
import { assert } from "../base/assert.ts";

const CHUNK_BITS = 10;
const CHUNK_MAX = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_MAX - 1;

export class Chunks<Item> {
  length: number;
  /** All but the first are made as long as they may get: growing would leave spare room in each. */
  readonly #chunks: (Item | undefined)[][];

  constructor() {
    this.length = 0;
    this.#chunks = [];
  }

  get(index: number): Item {
    return this.#chunks[index >>> CHUNK_BITS][index & CHUNK_MASK] as Item;
  }

  set(index: number, item: Item): void {
    assert(index < this.length, "the index is inside the array");
    this.#chunks[index >>> CHUNK_BITS][index & CHUNK_MASK] = item;
  }

  push(item: Item): void {
    const at = this.length >>> CHUNK_BITS;
    if (at === this.#chunks.length) this.#chunks.push(at === 0 ? [] : new Array(CHUNK_MAX));
    this.#chunks[at][this.length & CHUNK_MASK] = item;
    this.length += 1;
  }

  pop(): Item {
    assert(this.length > 0, "there is something to take");
    this.length -= 1;
    const chunk = this.#chunks[this.length >>> CHUNK_BITS];
    const item = chunk[this.length & CHUNK_MASK] as Item;
    chunk[this.length & CHUNK_MASK] = undefined;
    if ((this.length & CHUNK_MASK) === 0) this.#chunks.pop();
    return item;
  }

  clear(): void {
    this.length = 0;
    this.#chunks.length = 0;
  }
}
