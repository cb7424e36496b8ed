/**
 * The blocks of a stream in the order of their ids, in chunks: a stream of a million blocks is
 * never copied as a whole when one goes.
 */
import { assert } from "../base/assert.ts";
import type { StreamBlock } from "./stream-block.ts";
import type { StreamId } from "./stream-id.ts";

const CHUNK_MAX = 512;

/** Where a block stands; moved in place. */
export interface BlockPlace {
  chunk: number;
  index: number;
}

export class StreamDirectory {
  count: number;
  #chunks: StreamBlock[][];

  constructor() {
    this.count = 0;
    this.#chunks = NONE;
  }

  at(place: BlockPlace): StreamBlock {
    return this.#chunks[place.chunk][place.index];
  }

  first(): StreamBlock | undefined {
    return this.count === 0 ? undefined : this.#chunks[0][0];
  }

  last(): StreamBlock | undefined {
    if (this.count === 0) return undefined;
    const chunk = this.#chunks[this.#chunks.length - 1];
    return chunk[chunk.length - 1];
  }

  /** Its id is above all others'. */
  push(block: StreamBlock): void {
    const chunks = this.#chunks;
    this.count += 1;
    // Most streams have one block: literals have no room to spare.
    if (chunks.length === 0) this.#chunks = [[block]];
    else if (chunks[chunks.length - 1].length < CHUNK_MAX) chunks[chunks.length - 1].push(block);
    else chunks.push([block]);
  }

  /** The last block that does not begin after the id: the first of all if every one does. */
  find(id: StreamId): BlockPlace {
    assert(this.count > 0, "there is a block to find");
    const chunks = this.#chunks;
    let low = 0;
    let high = chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (chunks[middle][0].id <= id) low = middle;
      else high = middle - 1;
    }
    return { chunk: low, index: lastNotAfter(chunks[low], id) };
  }

  /** False, and the place stays, at the last. */
  toNext(place: BlockPlace): boolean {
    if (place.index + 1 < this.#chunks[place.chunk].length) {
      place.index += 1;
      return true;
    }
    if (place.chunk + 1 === this.#chunks.length) return false;
    place.chunk += 1;
    place.index = 0;
    return true;
  }

  /** False, and the place stays, at the first. */
  toPrevious(place: BlockPlace): boolean {
    if (place.index > 0) {
      place.index -= 1;
      return true;
    }
    if (place.chunk === 0) return false;
    place.chunk -= 1;
    place.index = this.#chunks[place.chunk].length - 1;
    return true;
  }

  remove(place: BlockPlace): void {
    this.count -= 1;
    const chunk = this.#chunks[place.chunk];
    chunk.splice(place.index, 1);
    if (chunk.length === 0) this.#chunks.splice(place.chunk, 1);
  }

  /** So many blocks, all of them there, from the left. */
  removeLeft(count: number): void {
    assert(count <= this.count, "blocks that go are there");
    this.count -= count;
    let left = count;
    let whole = 0;
    while (whole < this.#chunks.length && left >= this.#chunks[whole].length) {
      left -= this.#chunks[whole].length;
      whole += 1;
    }
    if (whole > 0) this.#chunks.splice(0, whole);
    if (left > 0) this.#chunks[0].splice(0, left);
  }

  *[Symbol.iterator](): IterableIterator<StreamBlock> {
    for (const chunk of this.#chunks) yield* chunk;
  }
}

/** Of a directory without blocks, which is never changed. */
const NONE: StreamBlock[][] = [];

function lastNotAfter(chunk: readonly StreamBlock[], id: StreamId): number {
  let low = 0;
  let high = chunk.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (chunk[middle].id <= id) low = middle;
    else high = middle - 1;
  }
  return low;
}
