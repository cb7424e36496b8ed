/**
 * A growable set of document ids (dense u32), as words of 32 bits.
 *
 * Filters of a search are bitmaps: they cross to the vector engine as words, never as a callback.
 * `count` is kept exact, because the planner decides by it. Bits above `words.length * 32` are 0.
 * `version` rises with every change, for those who keep a copy.
 */

const WORD_BITS = 32;

export class Bitmap {
  words: Uint32Array<ArrayBuffer>;
  count: number;
  version: number;

  constructor(capacity = 1024) {
    this.words = new Uint32Array(Math.max(1, (capacity + WORD_BITS - 1) >>> 5));
    this.count = 0;
    this.version = 0;
  }

  has(id: number): boolean {
    const word = id >>> 5;
    return word < this.words.length && ((this.words[word] >>> (id & 31)) & 1) === 1;
  }

  /** Whether the id was new. */
  add(id: number): boolean {
    const word = id >>> 5;
    if (word >= this.words.length) this.#grow(word + 1);
    const bit = 1 << (id & 31);
    if ((this.words[word] & bit) !== 0) return false;
    this.words[word] |= bit;
    this.count += 1;
    this.version += 1;
    return true;
  }

  /** Whether the id was there. */
  remove(id: number): boolean {
    const word = id >>> 5;
    if (word >= this.words.length) return false;
    const bit = 1 << (id & 31);
    if ((this.words[word] & bit) === 0) return false;
    this.words[word] &= ~bit;
    this.count -= 1;
    this.version += 1;
    return true;
  }

  clone(): Bitmap {
    const copy = new Bitmap(0);
    copy.words = this.words.slice();
    copy.count = this.count;
    return copy;
  }

  intersect(other: Bitmap): this {
    const shared = Math.min(this.words.length, other.words.length);
    let count = 0;
    for (let word = 0; word < shared; word += 1) {
      const bits = this.words[word] & other.words[word];
      this.words[word] = bits;
      count += popCount(bits);
    }
    this.words.fill(0, shared);
    this.count = count;
    this.version += 1;
    return this;
  }

  unite(other: Bitmap): this {
    if (other.words.length > this.words.length) this.#grow(other.words.length);
    let count = 0;
    for (let word = 0; word < this.words.length; word += 1) {
      const bits = this.words[word] | (word < other.words.length ? other.words[word] : 0);
      this.words[word] = bits;
      count += popCount(bits);
    }
    this.count = count;
    this.version += 1;
    return this;
  }

  subtract(other: Bitmap): this {
    const shared = Math.min(this.words.length, other.words.length);
    let removed = 0;
    for (let word = 0; word < shared; word += 1) {
      removed += popCount(this.words[word] & other.words[word]);
      this.words[word] &= ~other.words[word];
    }
    this.count -= removed;
    this.version += 1;
    return this;
  }

  /** Calls `visit` with each id, ascending. */
  forEach(visit: (id: number) => void): void {
    for (let word = 0; word < this.words.length; word += 1) {
      let bits = this.words[word];
      while (bits !== 0) {
        visit(word * WORD_BITS + (31 - Math.clz32(bits & -bits)));
        bits &= bits - 1;
      }
    }
  }

  toArray(): Uint32Array<ArrayBuffer> {
    const ids = new Uint32Array(this.count);
    let index = 0;
    this.forEach((id) => {
      ids[index] = id;
      index += 1;
    });
    return ids;
  }

  #grow(wordCount: number): void {
    const grown = new Uint32Array(Math.max(wordCount, this.words.length * 2));
    grown.set(this.words);
    this.words = grown;
  }
}

export function popCount(bits: number): number {
  let value = bits - ((bits >>> 1) & 0x55555555);
  value = (value & 0x33333333) + ((value >>> 2) & 0x33333333);
  return Math.imul((value + (value >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
