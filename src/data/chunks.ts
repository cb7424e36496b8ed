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
  readonly #chunks: Item[][];

  constructor() {
    this.length = 0;
    this.#chunks = [];
  }

  get(index: number): Item {
    return this.#chunks[index >>> CHUNK_BITS][index & CHUNK_MASK];
  }

  set(index: number, item: Item): void {
    assert(index < this.length, "the index is inside the array");
    this.#chunks[index >>> CHUNK_BITS][index & CHUNK_MASK] = item;
  }

  push(item: Item): void {
    const chunk = this.length >>> CHUNK_BITS;
    if (chunk === this.#chunks.length) this.#chunks.push([item]);
    else this.#chunks[chunk].push(item);
    this.length += 1;
  }

  pop(): Item {
    assert(this.length > 0, "there is something to take");
    this.length -= 1;
    const chunk = this.#chunks[this.length >>> CHUNK_BITS];
    const item = chunk.pop() as Item;
    if (chunk.length === 0) this.#chunks.pop();
    return item;
  }
}
