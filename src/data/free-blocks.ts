/**
 * The free blocks of an arena (`slab-arena.ts`): lists by size, and marks that find the neighbors.
 *
 * A free block says in itself what it is: in its first unit the next and the previous block of its
 * list and its size, and its size again in the last word of its last unit. Whether a unit is the
 * first or the last of a free block is a bit in `marks`, since a record may hold any bytes. Blocks
 * of up to EXACT_MAX units have a list for each size, larger ones one list for all. No two free
 * blocks stand side by side.
 */
import { assert } from "../base/assert.ts";

/** Of a location: the unit within its slab. */
export const SLAB_BITS = 20;
const UNIT_MASK = (1 << SLAB_BITS) - 1;
const WORDS_SHIFT = 2;
const EXACT_MAX = 127;
/** The list of larger blocks. */
const LARGER = 0;

/** Words of a free block's first unit; the last word of its last unit is its size too. */
const NEXT = 0;
const PREVIOUS = 1;
const SIZE = 2;
const LAST_SIZE = 3;

export class FreeBlocks {
  /** Of the arena, by slab; it changes them as it grows. */
  readonly #words: readonly Int32Array[];
  /** By slab, a bit for each unit. */
  readonly #marks: Int32Array[];
  readonly #heads: Int32Array;
  /** A bit for each list that is not empty. */
  readonly #filled: Int32Array;

  constructor(words: readonly Int32Array[]) {
    this.#words = words;
    this.#marks = [];
    this.#heads = new Int32Array(EXACT_MAX + 1);
    this.#filled = new Int32Array((EXACT_MAX + 1) >>> 5);
  }

  clear(): void {
    this.#marks.length = 0;
    this.#heads.fill(0);
    this.#filled.fill(0);
  }

  /** A slab is there, or has grown. */
  setSlabUnits(slab: number, unitCount: number): void {
    const marks = new Int32Array((unitCount + 31) >>> 5);
    const before = this.#marks[slab];
    if (before !== undefined) marks.set(before);
    this.#marks[slab] = marks;
  }

  /** A block of so many units out of the smallest that has them; 0 if there is none. */
  take(unitCount: number): number {
    const location = this.#smallestFrom(unitCount);
    if (location === 0) return 0;
    const size = this.#remove(location);
    if (size > unitCount) this.add(location + unitCount, size - unitCount);
    return location;
  }

  /** The first units of the free block that begins there; false if there are not so many. */
  takeAt(location: number, unitCount: number, end: number): boolean {
    if (location >= end || !this.#isMarked(location)) return false;
    if (this.#word(location, SIZE) < unitCount) return false;
    const size = this.#remove(location);
    if (size > unitCount) this.add(location + unitCount, size - unitCount);
    return true;
  }

  /** Takes the free block behind, if there is one before `end`; the size with it. */
  joinedWithNext(location: number, unitCount: number, end: number): number {
    const next = location + unitCount;
    if (next >= end || !this.#isMarked(next)) return unitCount;
    return unitCount + this.#remove(next);
  }

  /** Takes the free block before, if there is one; where it begins, or the same location. */
  startWithPrevious(location: number): number {
    if ((location & UNIT_MASK) === 0 || !this.#isMarked(location - 1)) return location;
    const start = location - this.#word(location - 1, LAST_SIZE);
    this.#remove(start);
    return start;
  }

  /** None of its neighbors is free. */
  add(location: number, size: number): void {
    const list = size > EXACT_MAX ? LARGER : size;
    const head = this.#heads[list];
    this.#setWord(location, NEXT, head);
    this.#setWord(location, PREVIOUS, 0);
    this.#setWord(location, SIZE, size);
    const last = location + size - 1;
    this.#setWord(last, LAST_SIZE, size);
    if (head !== 0) this.#setWord(head, PREVIOUS, location);
    else this.#filled[list >>> 5] |= 1 << (list & 31);
    this.#heads[list] = location;
    this.#mark(location, 1);
    this.#mark(last, 1);
  }

  /** Its size. */
  #remove(location: number): number {
    const size = this.#word(location, SIZE);
    assert(size > 0, "a free block has a size");
    const list = size > EXACT_MAX ? LARGER : size;
    const next = this.#word(location, NEXT);
    const previous = this.#word(location, PREVIOUS);
    if (next !== 0) this.#setWord(next, PREVIOUS, previous);
    if (previous !== 0) this.#setWord(previous, NEXT, next);
    else {
      this.#heads[list] = next;
      if (next === 0) this.#filled[list >>> 5] &= ~(1 << (list & 31));
    }
    this.#mark(location, 0);
    this.#mark(location + size - 1, 0);
    return size;
  }

  #smallestFrom(unitCount: number): number {
    const exact = this.#heads[unitCount];
    if (exact !== 0) return exact;
    const filled = this.#filled;
    let group = unitCount >>> 5;
    let bits = filled[group] & (-1 << (unitCount & 31));
    while (bits === 0) {
      group += 1;
      if (group === filled.length) return this.#heads[LARGER];
      bits = filled[group];
    }
    return this.#heads[(group << 5) | (31 - Math.clz32(bits & -bits))];
  }

  #isMarked(location: number): boolean {
    const unit = location & UNIT_MASK;
    return (this.#marks[location >>> SLAB_BITS][unit >>> 5] & (1 << (unit & 31))) !== 0;
  }

  #mark(location: number, bit: 0 | 1): void {
    const unit = location & UNIT_MASK;
    const marks = this.#marks[location >>> SLAB_BITS];
    if (bit === 1) marks[unit >>> 5] |= 1 << (unit & 31);
    else marks[unit >>> 5] &= ~(1 << (unit & 31));
  }

  #word(location: number, word: number): number {
    return this.#words[location >>> SLAB_BITS][((location & UNIT_MASK) << WORDS_SHIFT) + word];
  }

  #setWord(location: number, word: number, value: number): void {
    const words = this.#words[location >>> SLAB_BITS];
    words[((location & UNIT_MASK) << WORDS_SHIFT) + word] = value;
  }
}
