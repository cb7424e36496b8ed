/**
 * The leaves of a ranked tree (`ranked-tree.ts`): each up to 64 entries of a score and a member's
 * number, in order, with links to the leaves on both sides.
 *
 * They stand in slabs of typed arrays and are named by a number: typed arrays of its own would cost
 * a leaf 400 bytes besides, and the garbage collector a visit each. The first slab begins small and
 * doubles. A freed leaf is used again before another slab is made.
 */
import { type BoundKind, isMemberBefore, isScoreBefore, needsMember } from "./score-bound.ts";

export const LEAF_BITS = 6;
export const LEAF_MAX = 1 << LEAF_BITS;
export const NO_LEAF = -1;
const SLAB_BITS = 6;
const SLAB_LEAVES = 1 << SLAB_BITS;
const SLAB_MASK = SLAB_LEAVES - 1;
const LEAVES_AT_FIRST = 4;
/** A leaf's head: its count, and the leaves before and after it. */
const HEAD_WORDS = 3;
const PREVIOUS = 1;
const NEXT = 2;

/** Whose numbers the entries have. */
export interface NumberedMembers {
  at(number: number): string;
}

class Slab {
  readonly scores: Float64Array;
  readonly numbers: Int32Array;
  readonly heads: Int32Array;

  constructor(leafCount: number) {
    this.scores = new Float64Array(leafCount * LEAF_MAX);
    this.numbers = new Int32Array(leafCount * LEAF_MAX);
    this.heads = new Int32Array(leafCount * HEAD_WORDS);
  }
}

export class RankedLeaves {
  readonly #members: NumberedMembers;
  readonly #slabs: Slab[];
  readonly #free: number[];
  #leafCount: number;

  constructor(members: NumberedMembers) {
    this.#members = members;
    this.#slabs = [new Slab(LEAVES_AT_FIRST)];
    this.#free = [];
    this.#leafCount = 0;
  }

  count(leaf: number): number {
    return this.#head(leaf, 0);
  }

  previous(leaf: number): number {
    return this.#head(leaf, PREVIOUS);
  }

  next(leaf: number): number {
    return this.#head(leaf, NEXT);
  }

  score(leaf: number, index: number): number {
    return this.#slabs[leaf >>> SLAB_BITS].scores[((leaf & SLAB_MASK) << LEAF_BITS) + index];
  }

  number(leaf: number, index: number): number {
    return this.#slabs[leaf >>> SLAB_BITS].numbers[((leaf & SLAB_MASK) << LEAF_BITS) + index];
  }

  setScore(leaf: number, index: number, score: number): void {
    this.#slabs[leaf >>> SLAB_BITS].scores[((leaf & SLAB_MASK) << LEAF_BITS) + index] = score;
  }

  setNumber(leaf: number, index: number, number: number): void {
    this.#slabs[leaf >>> SLAB_BITS].numbers[((leaf & SLAB_MASK) << LEAF_BITS) + index] = number;
  }

  /** Whether an entry of this score and number stands before the bound. */
  isBefore(
    kind: BoundKind,
    score: number,
    member: string,
    entryScore: number,
    entryNumber: number,
  ): boolean {
    if (!needsMember(kind, score, entryScore)) return isScoreBefore(kind, score, entryScore);
    return isMemberBefore(kind, member, this.#members.at(entryNumber));
  }

  /** How many entries of the leaf stand before the bound. */
  countBefore(leaf: number, kind: BoundKind, score: number, member: string): number {
    const { scores, numbers } = this.#slabs[leaf >>> SLAB_BITS];
    const start = (leaf & SLAB_MASK) << LEAF_BITS;
    let low = 0;
    let high = this.count(leaf);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = start + middle;
      if (this.isBefore(kind, score, member, scores[at], numbers[at])) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** An empty leaf between these two, of which either may be none. */
  open(previous: number, next: number): number {
    const leaf = this.#free.pop() ?? this.#another();
    this.#setHead(leaf, 0, 0);
    this.#setHead(leaf, PREVIOUS, previous);
    this.#setHead(leaf, NEXT, next);
    if (previous !== NO_LEAF) this.#setHead(previous, NEXT, leaf);
    if (next !== NO_LEAF) this.#setHead(next, PREVIOUS, leaf);
    return leaf;
  }

  close(leaf: number): void {
    const previous = this.previous(leaf);
    const next = this.next(leaf);
    if (previous !== NO_LEAF) this.#setHead(previous, NEXT, next);
    if (next !== NO_LEAF) this.#setHead(next, PREVIOUS, previous);
    this.#free.push(leaf);
  }

  insert(leaf: number, index: number, score: number, number: number): void {
    const { scores, numbers } = this.#slabs[leaf >>> SLAB_BITS];
    const start = (leaf & SLAB_MASK) << LEAF_BITS;
    const count = this.count(leaf);
    scores.copyWithin(start + index + 1, start + index, start + count);
    numbers.copyWithin(start + index + 1, start + index, start + count);
    scores[start + index] = score;
    numbers[start + index] = number;
    this.#setHead(leaf, 0, count + 1);
  }

  remove(leaf: number, index: number): void {
    const { scores, numbers } = this.#slabs[leaf >>> SLAB_BITS];
    const start = (leaf & SLAB_MASK) << LEAF_BITS;
    const count = this.count(leaf);
    scores.copyWithin(start + index, start + index + 1, start + count);
    numbers.copyWithin(start + index, start + index + 1, start + count);
    this.#setHead(leaf, 0, count - 1);
  }

  /** Moves so many from the left leaf's end to the right one's start, or, below 0, back. */
  shift(left: number, right: number, entryCount: number): void {
    if (entryCount >= 0) this.#moveRight(left, right, entryCount);
    else this.#moveLeft(left, right, -entryCount);
  }

  #moveRight(left: number, right: number, entryCount: number): void {
    const leftCount = this.count(left);
    const rightCount = this.count(right);
    const from = this.#slabs[left >>> SLAB_BITS];
    const into = this.#slabs[right >>> SLAB_BITS];
    const end = ((left & SLAB_MASK) << LEAF_BITS) + leftCount;
    const start = (right & SLAB_MASK) << LEAF_BITS;
    into.scores.copyWithin(start + entryCount, start, start + rightCount);
    into.numbers.copyWithin(start + entryCount, start, start + rightCount);
    into.scores.set(from.scores.subarray(end - entryCount, end), start);
    into.numbers.set(from.numbers.subarray(end - entryCount, end), start);
    this.#setHead(left, 0, leftCount - entryCount);
    this.#setHead(right, 0, rightCount + entryCount);
  }

  #moveLeft(left: number, right: number, entryCount: number): void {
    const leftCount = this.count(left);
    const rightCount = this.count(right);
    const into = this.#slabs[left >>> SLAB_BITS];
    const from = this.#slabs[right >>> SLAB_BITS];
    const end = ((left & SLAB_MASK) << LEAF_BITS) + leftCount;
    const start = (right & SLAB_MASK) << LEAF_BITS;
    into.scores.set(from.scores.subarray(start, start + entryCount), end);
    into.numbers.set(from.numbers.subarray(start, start + entryCount), end);
    from.scores.copyWithin(start, start + entryCount, start + rightCount);
    from.numbers.copyWithin(start, start + entryCount, start + rightCount);
    this.#setHead(left, 0, leftCount + entryCount);
    this.#setHead(right, 0, rightCount - entryCount);
  }

  #another(): number {
    const leaf = this.#leafCount;
    const slab = leaf >>> SLAB_BITS;
    if (slab === this.#slabs.length) this.#slabs.push(new Slab(SLAB_LEAVES));
    else if (slab === 0 && leaf === this.#slabs[0].numbers.length >>> LEAF_BITS) {
      this.#enlargeFirst(leaf);
    }
    this.#leafCount += 1;
    return leaf;
  }

  #enlargeFirst(leafCount: number): void {
    const larger = new Slab(leafCount * 2);
    const [first] = this.#slabs;
    larger.scores.set(first.scores);
    larger.numbers.set(first.numbers);
    larger.heads.set(first.heads);
    this.#slabs[0] = larger;
  }

  #head(leaf: number, word: number): number {
    return this.#slabs[leaf >>> SLAB_BITS].heads[(leaf & SLAB_MASK) * HEAD_WORDS + word];
  }

  #setHead(leaf: number, word: number, value: number): void {
    this.#slabs[leaf >>> SLAB_BITS].heads[(leaf & SLAB_MASK) * HEAD_WORDS + word] = value;
  }
}
