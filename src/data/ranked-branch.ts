/**
 * An inner node of a ranked tree: up to 64 children with the first entry and the count of each, so
 * that a way down reads nothing of the children that it passes, but the members of equal scores.
 */
export const BRANCH_MAX = 64;

export class Branch {
  /** 1: the children are leaves. */
  readonly level: number;
  length: number;
  /** Of each child's first entry. */
  readonly scores: Float64Array;
  readonly numbers: Int32Array;
  /** Entries below each child. */
  readonly counts: Int32Array;
  /** One of the two is used, by the level. */
  readonly leaves: Int32Array;
  readonly branches: Branch[];

  constructor(level: number) {
    this.level = level;
    this.length = 0;
    this.scores = new Float64Array(BRANCH_MAX);
    const words = new Int32Array(BRANCH_MAX * (level === 1 ? 3 : 2));
    this.numbers = words.subarray(0, BRANCH_MAX);
    this.counts = words.subarray(BRANCH_MAX, BRANCH_MAX * 2);
    this.leaves = words.subarray(BRANCH_MAX * 2);
    this.branches = [];
  }

  /** Entries in all. */
  get total(): number {
    let total = 0;
    for (let index = 0; index < this.length; index += 1) total += this.counts[index];
    return total;
  }

  /** Room for a child at `index`; the caller fills in what it is. */
  insert(index: number, child: number | Branch): void {
    this.scores.copyWithin(index + 1, index, this.length);
    this.numbers.copyWithin(index + 1, index, this.length);
    this.counts.copyWithin(index + 1, index, this.length);
    if (typeof child === "number") {
      this.leaves.copyWithin(index + 1, index, this.length);
      this.leaves[index] = child;
    } else this.branches.splice(index, 0, child);
    this.length += 1;
  }

  remove(index: number): void {
    this.scores.copyWithin(index, index + 1, this.length);
    this.numbers.copyWithin(index, index + 1, this.length);
    this.counts.copyWithin(index, index + 1, this.length);
    if (this.level === 1) this.leaves.copyWithin(index, index + 1, this.length);
    else this.branches.splice(index, 1);
    this.length -= 1;
  }

  /** Moves the children from `index` on to the end of `other`, of the same level. */
  moveTo(other: Branch, index: number): void {
    other.scores.set(this.scores.subarray(index, this.length), other.length);
    other.numbers.set(this.numbers.subarray(index, this.length), other.length);
    other.counts.set(this.counts.subarray(index, this.length), other.length);
    if (this.level === 1) {
      other.leaves.set(this.leaves.subarray(index, this.length), other.length);
    } else other.branches.push(...this.branches.splice(index));
    other.length += this.length - index;
    this.length = index;
  }
}
