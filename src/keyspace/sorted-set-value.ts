/**
 * A sorted set: members, each with a score, in order of score, then of bytes.
 *
 * - A small one is a listpack of members and scores (`data/scored-pack.ts`); one that has outgrown
 *   it is a table with a tree (`data/scored-table.ts`) and stays one.
 * - The encoding that Redis would report is a mark of its own, set by the limits that hold when a
 *   member is added.
 * Changed only by `apply-sorted-set.ts`; an empty one leaves the keyspace.
 */

import type { HashKey } from "../data/keyed-hash.ts";
import { byteCountOf, EMPTY_LISTPACK, type Listpack } from "../data/listpack.ts";
import type { BoundKind } from "../data/score-bound.ts";
import {
  packCountBefore,
  packRank,
  packScore,
  packSize,
  packWith,
  packWithAll,
  packWithout,
  packWithoutRange,
  visitPack,
} from "../data/scored-pack.ts";
import { ScoredTable } from "../data/scored-table.ts";
import type { Scored } from "./effect-parts.ts";
import type { EncodingLimits } from "./encoding-limits.ts";
import { packedCost, SORTED_SET_BYTES, scoredTableCost } from "./memory.ts";

/** Beyond them looking through costs more than it saves. */
export const SORTED_SET_PACK_MEMBERS_MAX = 128;
export const SORTED_SET_PACK_BYTES_MAX = 12 * 1024;
/** More than a score and the heads of two entries take. */
const ENTRY_BYTES_MAX = 48;

export type ScoreVisitor = (member: string, score: number) => void;

export class SortedSetValue {
  /** Whether Redis would have left its listpack: it never goes back. */
  isSkipList: boolean;
  #held: Listpack | ScoredTable;

  constructor() {
    this.#held = EMPTY_LISTPACK;
    this.isSkipList = false;
  }

  /** Of its `pack` and `packFlags`. */
  static unpacked(pack: string, flags: number): SortedSetValue {
    const set = new SortedSetValue();
    set.#held = pack;
    set.isSkipList = flags !== 0;
    return set;
  }

  /** All of it, if it is held in one string. */
  get pack(): string | undefined {
    return typeof this.#held === "string" ? this.#held : undefined;
  }

  get packFlags(): number {
    return this.isSkipList ? 1 : 0;
  }

  get type(): "zset" {
    return "zset";
  }

  /** What it costs, all of it (`memory.ts`). Counted, not kept: there may be millions of them. */
  get costBytes(): number {
    const held = this.#held;
    if (!(held instanceof ScoredTable)) return SORTED_SET_BYTES + packedCost(held);
    return SORTED_SET_BYTES + scoredTableCost(held.size, held.textBytes);
  }

  /** The encoding that Redis would report (OBJECT ENCODING). */
  encodingName(_limits: EncodingLimits): string {
    return this.isSkipList ? "skiplist" : "listpack";
  }

  get size(): number {
    const held = this.#held;
    return held instanceof ScoredTable ? held.size : packSize(held);
  }

  score(member: string): number | undefined {
    const held = this.#held;
    return held instanceof ScoredTable ? held.score(member) : packScore(held, member);
  }

  /** From 0; -1 if it is not there. */
  rank(member: string): number {
    const held = this.#held;
    return held instanceof ScoredTable ? held.rank(member) : packRank(held, member);
  }

  /** How many stand before the bound: the rank of the first that does not. */
  countBefore(kind: BoundKind, score: number, member: string): number {
    const held = this.#held;
    if (held instanceof ScoredTable) return held.countBefore(kind, score, member);
    return packCountBefore(held, kind, score, member);
  }

  /** Visits `count` members from that rank on, upwards or downwards; all of them are there. */
  visit(rank: number, count: number, isReverse: boolean, visitor: ScoreVisitor): void {
    const held = this.#held;
    if (held instanceof ScoredTable) held.visit(rank, count, isReverse, visitor);
    else visitPack(held, rank, count, isReverse, visitor);
  }

  /** The same, as two arrays. */
  slice(rank: number, count: number, isReverse: boolean): { members: string[]; scores: number[] } {
    const members: string[] = [];
    const scores: number[] = [];
    this.visit(rank, count, isReverse, (member, score) => {
      members.push(member);
      scores.push(score);
    });
    return { members, scores };
  }

  /** All of it, in order. */
  flat(): Scored {
    return this.slice(0, this.size, false);
  }

  /** By a number below the size: for random ones, where order does not matter. */
  memberOf(number: number): string {
    const held = this.#held;
    if (held instanceof ScoredTable) return held.memberOf(number);
    return this.slice(number, 1, false).members[0];
  }

  /** Members of those numbers, each below the size, with their scores. */
  numbered(numbers: Int32Array): { members: string[]; scores: number[] } {
    const held = this.#held;
    const isTable = held instanceof ScoredTable;
    // A pack would be walked for each.
    const all = isTable ? { members: [], scores: [] } : this.flat();
    const members: string[] = [];
    const scores: number[] = [];
    for (const number of numbers) {
      members.push(isTable ? held.memberOf(number) : all.members[number]);
      scores.push(isTable ? held.scoreOf(number) : all.scores[number]);
    }
    return { members, scores };
  }

  /** Visits at most `count`, or all of a small one; the next cursor, 0 when the scan is done. */
  scan(cursor: number, count: number, visitor: ScoreVisitor): number {
    const held = this.#held;
    if (held instanceof ScoredTable) return held.scan(cursor, count, visitor);
    visitPack(held, 0, packSize(held), false, visitor);
    return 0;
  }

  /** Sets these members' scores, whether they are there or not. */
  setAll(
    members: readonly string[],
    scores: readonly number[],
    hashKey: HashKey,
    limits: EncodingLimits,
  ): void {
    const sizeBefore = this.size;
    const isSingle = members.length === 1;
    const held = this.#held;
    if (!(held instanceof ScoredTable) && hasRoomFor(held, sizeBefore, members)) {
      this.#held = isSingle
        ? packWith(held, members[0], scores[0])
        : packWithAll(held, members, scores);
    } else this.#setInTable(members, scores, hashKey);
    if (this.size > sizeBefore && !this.isSkipList) this.#noteLimits(members, limits);
  }

  /** Whether it was there. */
  remove(member: string): boolean {
    const held = this.#held;
    if (held instanceof ScoredTable) return held.remove(member);
    const sizeBefore = packSize(held);
    this.#held = packWithout(held, member);
    return this.size < sizeBefore;
  }

  removeRange(rank: number, count: number): void {
    const held = this.#held;
    if (held instanceof ScoredTable) held.removeRange(rank, count);
    else this.#held = packWithoutRange(held, rank, count);
  }

  #setInTable(members: readonly string[], scores: readonly number[], hashKey: HashKey): void {
    let table = this.#held;
    if (!(table instanceof ScoredTable)) {
      table = tableOf(table, hashKey);
      this.#held = table;
    }
    for (let index = 0; index < members.length; index += 1) {
      table.set(members[index], scores[index]);
    }
  }

  /** Some of these are new. One that is there already and too long has left its mark before. */
  #noteLimits(members: readonly string[], limits: EncodingLimits): void {
    const lengthMax = limits.sortedSetListpackValueBytes;
    this.isSkipList =
      this.size > limits.sortedSetListpackEntries ||
      members.some((member) => member.length > lengthMax);
  }
}

/** Whether a pack is still the better form once these are in it. */
function hasRoomFor(pack: Listpack, size: number, members: readonly string[]): boolean {
  if (members.length > SORTED_SET_PACK_MEMBERS_MAX) return false;
  let newBytes = 0;
  for (let index = 0; index < members.length; index += 1) {
    newBytes += members[index].length + ENTRY_BYTES_MAX;
  }
  if (isSmall(pack, size + members.length, newBytes)) return true;
  let newCount = 0;
  newBytes = 0;
  for (let index = 0; index < members.length; index += 1) {
    if (packScore(pack, members[index]) !== undefined) continue;
    newCount += 1;
    newBytes += members[index].length + ENTRY_BYTES_MAX;
  }
  return newCount === 0 || isSmall(pack, size + newCount, newBytes);
}

function isSmall(pack: Listpack, size: number, newBytes: number): boolean {
  if (size > SORTED_SET_PACK_MEMBERS_MAX) return false;
  return byteCountOf(pack) + newBytes <= SORTED_SET_PACK_BYTES_MAX;
}

function tableOf(pack: Listpack, hashKey: HashKey): ScoredTable {
  const table = new ScoredTable(hashKey);
  visitPack(pack, 0, packSize(pack), false, (member, score) => table.set(member, score));
  return table;
}
