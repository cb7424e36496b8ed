/**
 * Items in ascending order of a string that each has, in chunks: mostly added on the right, found
 * by two binary searches, removed anywhere. A B-tree of two levels; a Map would have no order, and
 * stops the loop when it grows.
 */
import { assert } from "../base/assert.ts";

const CHUNK_MAX = 128;
/** Neighbors that are together no longer than this become one chunk. */
const JOINED_MAX = 64;

export class SortedById<Item extends { readonly id: string }> {
  size: number;
  readonly #chunks: Item[][];

  constructor() {
    this.size = 0;
    this.#chunks = [];
  }

  get(id: string): Item | undefined {
    if (this.size === 0) return undefined;
    const chunk = this.#chunks[this.#chunkOf(id)];
    const index = firstFrom(chunk, id);
    return index < chunk.length && chunk[index].id === id ? chunk[index] : undefined;
  }

  first(): Item | undefined {
    return this.size === 0 ? undefined : this.#chunks[0][0];
  }

  last(): Item | undefined {
    if (this.size === 0) return undefined;
    const chunk = this.#chunks[this.#chunks.length - 1];
    return chunk[chunk.length - 1];
  }

  /** Its id is not there yet. */
  add(item: Item): void {
    this.size += 1;
    if (this.size === 1) {
      this.#chunks.push([item]);
      return;
    }
    const at = this.#chunkOf(item.id);
    const chunk = this.#chunks[at];
    const index = firstFrom(chunk, item.id);
    assert(index === chunk.length || chunk[index].id !== item.id, "an id is there once");
    if (index === chunk.length && at === this.#chunks.length - 1) {
      if (chunk.length < CHUNK_MAX) chunk.push(item);
      else this.#chunks.push([item]);
      return;
    }
    chunk.splice(index, 0, item);
    if (chunk.length > CHUNK_MAX) {
      this.#chunks.splice(at + 1, 0, chunk.splice(CHUNK_MAX >>> 1));
    }
  }

  /** False if it is not there. */
  remove(id: string): boolean {
    if (this.size === 0) return false;
    const at = this.#chunkOf(id);
    const chunk = this.#chunks[at];
    const index = firstFrom(chunk, id);
    if (index === chunk.length || chunk[index].id !== id) return false;
    this.size -= 1;
    chunk.splice(index, 1);
    if (chunk.length === 0) this.#chunks.splice(at, 1);
    else if (chunk.length <= JOINED_MAX) this.#join(at);
    return true;
  }

  /** Keeps those that pass; one walk over all. */
  keep(passes: (item: Item) => boolean): void {
    let kept = 0;
    this.size = 0;
    for (const chunk of this.#chunks) {
      const rest = chunk.filter(passes);
      if (rest.length === 0) continue;
      this.#chunks[kept] = rest;
      this.size += rest.length;
      kept += 1;
    }
    this.#chunks.length = kept;
  }

  /** In order from the first that is not before the id, until the visitor gives false. */
  visitFrom(id: string, visitor: (item: Item) => boolean): void {
    if (this.size === 0) return;
    let at = this.#chunkOf(id);
    let index = firstFrom(this.#chunks[at], id);
    for (; at < this.#chunks.length; at += 1) {
      const chunk = this.#chunks[at];
      for (; index < chunk.length; index += 1) if (!visitor(chunk[index])) return;
      index = 0;
    }
  }

  *[Symbol.iterator](): IterableIterator<Item> {
    for (const chunk of this.#chunks) yield* chunk;
  }

  /** The last chunk that does not begin after the id, or the first. */
  #chunkOf(id: string): number {
    const chunks = this.#chunks;
    let low = 0;
    let high = chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (chunks[middle][0].id <= id) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #join(at: number): void {
    const chunks = this.#chunks;
    const left = at > 0 && chunks[at - 1].length + chunks[at].length <= JOINED_MAX ? at - 1 : at;
    if (left + 1 >= chunks.length) return;
    if (chunks[left].length + chunks[left + 1].length > JOINED_MAX) return;
    for (const item of chunks[left + 1]) chunks[left].push(item);
    chunks.splice(left + 1, 1);
  }
}

/** The index of the first item that is not before the id. */
function firstFrom(chunk: readonly { readonly id: string }[], id: string): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (chunk[middle].id < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
