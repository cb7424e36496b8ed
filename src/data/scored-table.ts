/**
 * A large set of binary strings with a score each, in order of score and bytes: a table finds a
 * member's number (`dense-table.ts`), its score stands in an array beside it, and a tree keeps the
 * numbers in order (`ranked-tree.ts`). No operation on one member takes more than O(log n).
 */
import { assert } from "../base/assert.ts";
import { DenseTable } from "./dense-table.ts";
import { DoubleChunks } from "./double-chunks.ts";
import type { HashKey } from "./keyed-hash.ts";
import { RankedTree } from "./ranked-tree.ts";
import { Before, type BoundKind } from "./score-bound.ts";

export class ScoredTable {
  /** What the members' text takes, as V8 rounds it. */
  textBytes: number;
  readonly #hashKey: HashKey;
  #members: DenseTable;
  #scores: DoubleChunks;
  #tree: RankedTree;

  constructor(hashKey: HashKey) {
    this.textBytes = 0;
    this.#hashKey = hashKey;
    this.#members = new DenseTable(hashKey);
    this.#scores = new DoubleChunks();
    this.#tree = new RankedTree(this.#members);
  }

  get size(): number {
    return this.#members.size;
  }

  score(member: string): number | undefined {
    const number = this.#members.find(member);
    return number < 0 ? undefined : this.#scores.get(number);
  }

  /** Whether the member is new. */
  set(member: string, score: number): boolean {
    const number = this.#members.find(member);
    if (number < 0) {
      // The tree compares with members of the table: this one must not be among them before it.
      this.#tree.insert(score, member, this.#members.size);
      this.#members.add(member);
      this.#scores.push(score);
      this.textBytes += roundedBytes(member);
      return true;
    }
    this.#tree.update(this.#scores.get(number), member, number, score);
    this.#scores.set(number, score);
    return false;
  }

  /** Whether it was there. */
  remove(member: string): boolean {
    const number = this.#members.find(member);
    if (number < 0) return false;
    this.#tree.remove(this.#scores.get(number), member, number);
    const last = this.#members.size - 1;
    const lastScore = this.#scores.pop();
    if (number !== last) {
      this.#tree.renumber(lastScore, this.#members.at(last), last, number);
      this.#scores.set(number, lastScore);
    }
    this.#members.removeAt(number);
    this.textBytes -= roundedBytes(member);
    return true;
  }

  /** Takes out `count` members from that rank on; all of them are there. */
  removeRange(rank: number, count: number): void {
    // One that goes takes three times as long as one that is added.
    if (count > this.size / 4) {
      this.#keepOnly(rank, rank + count);
      return;
    }
    const members: string[] = [];
    this.visit(rank, count, false, (member) => members.push(member));
    for (const member of members) this.remove(member);
  }

  /** -1 if it is not there. */
  rank(member: string): number {
    const score = this.score(member);
    return score === undefined ? -1 : this.#tree.countBefore(Before.member, score, member);
  }

  /** How many stand before the bound. */
  countBefore(kind: BoundKind, score: number, member: string): number {
    return this.#tree.countBefore(kind, score, member);
  }

  /** Visits `count` members from that rank on, upwards or downwards; all of them are there. */
  visit(
    rank: number,
    count: number,
    isReverse: boolean,
    visitor: (member: string, score: number) => void,
  ): void {
    this.#tree.visit(rank, count, isReverse, (number, score) => {
      visitor(this.#members.at(number), score);
    });
  }

  /** The member with that number, which is below the size: for random ones. */
  memberOf(number: number): string {
    assert(number < this.size, "there is a member of that number");
    return this.#members.at(number);
  }

  /**
   * Builds it anew of those below one rank and from another on. They keep their order among the
   * numbers: whoever scans, and has still to meet one of them, finds it no later than before.
   */
  #keepOnly(below: number, from: number): void {
    const numbers: number[] = [];
    this.#tree.visit(0, below, false, (number) => numbers.push(number));
    this.#tree.visit(from, this.size - from, false, (number) => numbers.push(number));
    const kept = Int32Array.from(numbers).sort();
    const members = this.#members;
    const scores = this.#scores;
    this.#members = new DenseTable(this.#hashKey);
    this.#scores = new DoubleChunks();
    this.#tree = new RankedTree(this.#members);
    this.textBytes = 0;
    for (const number of kept) this.set(members.at(number), scores.get(number));
  }

  scoreOf(number: number): number {
    return this.#scores.get(number);
  }

  /** Visits at most `count`; the next cursor, 0 when the scan is done. 0 begins one. */
  scan(cursor: number, count: number, visitor: (member: string, score: number) => void): number {
    return this.#members.scan(cursor, count, (member, number) => {
      visitor(member, this.#scores.get(number));
    });
  }
}

function roundedBytes(text: string): number {
  return (text.length + 7) & ~7;
}
