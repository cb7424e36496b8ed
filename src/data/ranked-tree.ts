/**
 * Numbers in the order of score and member, with ranks: a counted B+ tree.
 *
 * The members are a table's (`scored-table.ts`), numbered from 0; the tree knows each by its number
 * and reads the member itself only where scores are equal. Rejected: a skip list with spans, as
 * Redis has it, whose nodes would be objects: three times the memory, and a cold cache line for
 * each step instead of one for each level. An insertion splits at most one node on each level, so
 * that growth never pauses.
 */
import { assert } from "../base/assert.ts";
import { BRANCH_MAX, Branch } from "./ranked-branch.ts";
import { LEAF_MAX, NO_LEAF, type NumberedMembers, RankedLeaves } from "./ranked-leaves.ts";
import { Before, type BoundKind } from "./score-bound.ts";

/** A node below it is joined with its neighbor, or fills up from it. */
const SPARSE = 16;
/** Together no more than this: far from being split again. */
const JOINED_MAX = 48;

export class RankedTree {
  size: number;
  readonly #leaves: RankedLeaves;
  #root: Branch;

  constructor(members: NumberedMembers) {
    this.size = 0;
    this.#leaves = new RankedLeaves(members);
    this.#root = new Branch(1);
  }

  /** How many stand before the bound: the rank of the first that does not. */
  countBefore(kind: BoundKind, score: number, member: string): number {
    let branch = this.#root;
    let rank = 0;
    for (;;) {
      const child = this.#childOf(branch, kind, score, member);
      if (child < 0) return rank;
      for (let index = 0; index < child; index += 1) rank += branch.counts[index];
      if (branch.level === 1) {
        return rank + this.#leaves.countBefore(branch.leaves[child], kind, score, member);
      }
      branch = branch.branches[child];
    }
  }

  /** The number is new to the tree. */
  insert(score: number, member: string, number: number): void {
    this.size += 1;
    if (this.#root.length === 0) {
      const leaf = this.#leaves.open(NO_LEAF, NO_LEAF);
      this.#leaves.insert(leaf, 0, score, number);
      this.#root.insert(0, leaf);
      this.#refresh(this.#root, 0, 1);
      return;
    }
    const sibling = this.#insertInto(this.#root, score, member, number);
    if (sibling === undefined) return;
    const root = new Branch(this.#root.level + 1);
    root.insert(0, this.#root);
    root.insert(1, sibling);
    this.#root = root;
    for (const child of [0, 1]) this.#refresh(root, child, this.#countBelow(root, child));
  }

  /** Takes out what is there with this score, member and number. */
  remove(score: number, member: string, number: number): void {
    this.#takeOut(score, member, number, Number.NaN);
  }

  /** Another score for what is there. */
  update(score: number, member: string, number: number, newScore: number): void {
    if (this.#takeOut(score, member, number, newScore)) this.insert(newScore, member, number);
  }

  /** The table gave what is there another number. */
  renumber(score: number, member: string, from: number, to: number): void {
    this.#renumberIn(this.#root, score, member, from, to);
  }

  numberAt(rank: number): number {
    let found = -1;
    this.visit(rank, 1, false, (number) => {
      found = number;
    });
    return found;
  }

  /** Visits `count` entries from that rank on, upwards or downwards; all of them are there. */
  visit(
    rank: number,
    count: number,
    isReverse: boolean,
    visitor: (number: number, score: number) => void,
  ): void {
    if (count <= 0) return;
    let branch = this.#root;
    let index = rank;
    for (;;) {
      let child = 0;
      while (index >= branch.counts[child]) {
        index -= branch.counts[child];
        child += 1;
        assert(child < branch.length, "the rank is in the tree");
      }
      if (branch.level === 1) {
        this.#visitFrom(branch.leaves[child], index, count, isReverse, visitor);
        return;
      }
      branch = branch.branches[child];
    }
  }

  #visitFrom(
    firstLeaf: number,
    firstIndex: number,
    count: number,
    isReverse: boolean,
    visitor: (number: number, score: number) => void,
  ): void {
    const leaves = this.#leaves;
    let leaf = firstLeaf;
    let index = firstIndex;
    for (let left = count; left > 0; left -= 1) {
      if (index < 0) {
        leaf = leaves.previous(leaf);
        index = leaves.count(leaf) - 1;
      } else if (index === leaves.count(leaf)) {
        leaf = leaves.next(leaf);
        index = 0;
      }
      visitor(leaves.number(leaf, index), leaves.score(leaf, index));
      index += isReverse ? -1 : 1;
    }
  }

  /** The last child whose first entry stands before the bound; -1 if none does. */
  #childOf(branch: Branch, kind: BoundKind, score: number, member: string): number {
    const { scores, numbers } = branch;
    let low = 0;
    let high = branch.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const isBefore = this.#leaves.isBefore(kind, score, member, scores[middle], numbers[middle]);
      if (isBefore) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** What stands beside the branch now, if it had to be split. */
  #insertInto(branch: Branch, score: number, member: string, number: number): Branch | undefined {
    const child = Math.max(this.#childOf(branch, Before.member, score, member), 0);
    if (branch.level === 1) return this.#insertIntoLeaf(branch, child, score, member, number);
    const sibling = this.#insertInto(branch.branches[child], score, member, number);
    const moved = sibling === undefined ? 0 : sibling.total;
    this.#refresh(branch, child, branch.counts[child] + 1 - moved);
    return sibling === undefined ? undefined : this.#addChild(branch, child + 1, sibling);
  }

  #insertIntoLeaf(
    branch: Branch,
    child: number,
    score: number,
    member: string,
    number: number,
  ): Branch | undefined {
    const leaves = this.#leaves;
    const leaf = branch.leaves[child];
    const index = leaves.countBefore(leaf, Before.member, score, member);
    if (leaves.count(leaf) < LEAF_MAX) {
      leaves.insert(leaf, index, score, number);
      this.#refresh(branch, child, branch.counts[child] + 1);
      return undefined;
    }
    const next = leaves.next(leaf);
    const right = leaves.open(leaf, next);
    // What only ever grows at its end leaves full leaves behind.
    const kept = next === NO_LEAF && index === LEAF_MAX ? LEAF_MAX : LEAF_MAX / 2;
    leaves.shift(leaf, right, LEAF_MAX - kept);
    if (index <= kept && kept < LEAF_MAX) leaves.insert(leaf, index, score, number);
    else leaves.insert(right, index - kept, score, number);
    this.#refresh(branch, child, leaves.count(leaf));
    return this.#addChild(branch, child + 1, right);
  }

  #addChild(branch: Branch, index: number, child: number | Branch): Branch | undefined {
    if (branch.length < BRANCH_MAX) {
      branch.insert(index, child);
      this.#refresh(branch, index, this.#countBelow(branch, index));
      return undefined;
    }
    const sibling = new Branch(branch.level);
    const kept = index === BRANCH_MAX ? BRANCH_MAX : BRANCH_MAX / 2;
    branch.moveTo(sibling, kept);
    const into = index < kept ? branch : sibling;
    const at = index < kept ? index : index - kept;
    into.insert(at, child);
    this.#refresh(into, at, this.#countBelow(into, at));
    return sibling;
  }

  /** Whether it was taken out: not if it could get the new score, NaN for none, where it is. */
  #takeOut(score: number, member: string, number: number, newScore: number): boolean {
    if (!this.#takeFrom(this.#root, score, member, number, newScore)) return false;
    while (this.#root.level > 1 && this.#root.length === 1) this.#root = this.#root.branches[0];
    if (this.#root.length === 0) this.#root = new Branch(1);
    this.size -= 1;
    return true;
  }

  #takeFrom(
    branch: Branch,
    score: number,
    member: string,
    number: number,
    newScore: number,
  ): boolean {
    const child = this.#childOf(branch, Before.orAtMember, score, member);
    assert(child >= 0, "what is taken out is in the tree");
    if (branch.level === 1) {
      const leaf = branch.leaves[child];
      const index = this.#indexIn(leaf, score, member, number);
      if (this.#isMovedBy(leaf, index, newScore)) this.#leaves.remove(leaf, index);
      else return false;
    } else if (!this.#takeFrom(branch.branches[child], score, member, number, newScore)) {
      return false;
    }
    this.#refresh(branch, child, branch.counts[child] - 1);
    const length = this.#lengthOf(branch, child);
    if (length === 0) this.#dropChild(branch, child);
    else if (length < SPARSE && branch.length > 1) this.#fillUp(branch, Math.max(child - 1, 0));
    return true;
  }

  /** Whether the entry has to move for its new score, which it gets if not. NaN moves it. */
  #isMovedBy(leaf: number, index: number, newScore: number): boolean {
    const leaves = this.#leaves;
    // The first of a leaf is known above it.
    if (index === 0 || index === leaves.count(leaf) - 1) return true;
    if (!(leaves.score(leaf, index - 1) < newScore)) return true;
    if (!(newScore < leaves.score(leaf, index + 1))) return true;
    leaves.setScore(leaf, index, newScore);
    return false;
  }

  #indexIn(leaf: number, score: number, member: string, number: number): number {
    const index = this.#leaves.countBefore(leaf, Before.member, score, member);
    assert(
      index < this.#leaves.count(leaf) && this.#leaves.number(leaf, index) === number,
      "the tree has the member where its score says",
    );
    return index;
  }

  #lengthOf(branch: Branch, child: number): number {
    if (branch.level === 1) return this.#leaves.count(branch.leaves[child]);
    return branch.branches[child].length;
  }

  #dropChild(branch: Branch, child: number): void {
    if (branch.level === 1) this.#leaves.close(branch.leaves[child]);
    branch.remove(child);
  }

  /** Joins a child with the next, or evens them out. */
  #fillUp(branch: Branch, left: number): void {
    const right = left + 1;
    const leftLength = this.#lengthOf(branch, left);
    const total = leftLength + this.#lengthOf(branch, right);
    const kept = total <= JOINED_MAX ? total : total >>> 1;
    if (branch.level === 1) {
      this.#leaves.shift(branch.leaves[left], branch.leaves[right], leftLength - kept);
    } else evenOut(branch.branches[left], branch.branches[right], kept);
    this.#refresh(branch, left, this.#countBelow(branch, left));
    if (kept === total) this.#dropChild(branch, right);
    else this.#refresh(branch, right, this.#countBelow(branch, right));
  }

  /** What the branch knows of a child that changed: its first entry, and how many it has. */
  #refresh(branch: Branch, child: number, count: number): void {
    branch.counts[child] = count;
    if (branch.level === 1) {
      const leaf = branch.leaves[child];
      branch.scores[child] = this.#leaves.score(leaf, 0);
      branch.numbers[child] = this.#leaves.number(leaf, 0);
      return;
    }
    const below = branch.branches[child];
    branch.scores[child] = below.scores[0];
    branch.numbers[child] = below.numbers[0];
  }

  #countBelow(branch: Branch, child: number): number {
    if (branch.level === 1) return this.#leaves.count(branch.leaves[child]);
    return branch.branches[child].total;
  }

  #renumberIn(branch: Branch, score: number, member: string, from: number, to: number): void {
    const child = this.#childOf(branch, Before.orAtMember, score, member);
    assert(child >= 0, "what gets another number is in the tree");
    if (branch.level === 1) {
      const leaf = branch.leaves[child];
      this.#leaves.setNumber(leaf, this.#indexIn(leaf, score, member, from), to);
      if (branch.numbers[child] === from) branch.numbers[child] = to;
      return;
    }
    this.#renumberIn(branch.branches[child], score, member, from, to);
    if (branch.numbers[child] === from) branch.numbers[child] = to;
  }
}

/** Two neighbors of one level: so many children stay with, or come to, the left one. */
function evenOut(left: Branch, right: Branch, kept: number): void {
  if (kept < left.length) {
    const all = new Branch(left.level);
    left.moveTo(all, kept);
    right.moveTo(all, 0);
    all.moveTo(right, 0);
    return;
  }
  const rest = new Branch(left.level);
  right.moveTo(rest, kept - left.length);
  right.moveTo(left, 0);
  rest.moveTo(right, 0);
}
