/**
 * A few members with their scores in a listpack: member, score, member, score, in order of score
 * and bytes, the scores as text. As long as walking it is quicker than any other way.
 */
import { assert } from "../base/assert.ts";
import { doubleText } from "../base/float-text.ts";
import {
  bytesOf,
  countOf,
  endAt,
  FIRST_AT,
  findFrom,
  integerAt,
  isEnd,
  type Listpack,
  nextAt,
  packed,
  previousAt,
  splice,
  valueAt,
} from "./listpack.ts";
import {
  Before,
  type BoundKind,
  isMemberBefore,
  isScoreBefore,
  needsMember,
} from "./score-bound.ts";

export function packSize(pack: Listpack): number {
  return countOf(pack) / 2;
}

export function packScore(pack: Listpack, member: string): number | undefined {
  const bytes = bytesOf(pack);
  const at = findFrom(bytes, FIRST_AT, member, 2);
  return at < 0 ? undefined : scoreAt(bytes, nextAt(bytes, at));
}

/** The pack with the member at this score, whether it was there or not. */
export function packWith(pack: Listpack, member: string, score: number): Listpack {
  const others = packWithout(pack, member);
  return splice(others, placeBefore(others, score, member), 0, [member, doubleText(score)]);
}

/** The same for several at once, of which a later one counts if a member comes twice. */
export function packWithAll(
  pack: Listpack,
  members: readonly string[],
  scores: readonly number[],
): Listpack {
  const all = new Map<string, number>();
  visitPack(pack, 0, packSize(pack), false, (member, score) => all.set(member, score));
  for (let index = 0; index < members.length; index += 1) all.set(members[index], scores[index]);
  const values: string[] = [];
  for (const [member, score] of [...all].sort(comparePairs)) values.push(member, doubleText(score));
  return packed(values);
}

/** The same pack if the member is not there. */
export function packWithout(pack: Listpack, member: string): Listpack {
  const at = findFrom(bytesOf(pack), FIRST_AT, member, 2);
  return at < 0 ? pack : splice(pack, at, 2, []);
}

/** Takes out `count` members from that rank on. */
export function packWithoutRange(pack: Listpack, rank: number, count: number): Listpack {
  return splice(pack, placeOf(bytesOf(pack), rank), count * 2, []);
}

/** -1 if it is not there. */
export function packRank(pack: Listpack, member: string): number {
  const bytes = bytesOf(pack);
  const found = findFrom(bytes, FIRST_AT, member, 2);
  if (found < 0) return -1;
  let rank = 0;
  for (let at = FIRST_AT; at !== found; at = nextPair(bytes, at)) rank += 1;
  return rank;
}

/** How many stand before the bound, up to the first that does not. */
export function packCountBefore(
  pack: Listpack,
  kind: BoundKind,
  score: number,
  member: string,
): number {
  const bytes = bytesOf(pack);
  let count = 0;
  for (let at = FIRST_AT; !isEnd(bytes, at); at = nextPair(bytes, at)) {
    if (!isBefore(bytes, at, kind, score, member)) break;
    count += 1;
  }
  return count;
}

/** Visits `count` members from that rank on, upwards or downwards; all of them are there. */
export function visitPack(
  pack: Listpack,
  rank: number,
  count: number,
  isReverse: boolean,
  visitor: (member: string, score: number) => void,
): void {
  if (count <= 0) return;
  // The visitor may call anything, and so overwrite what `bytesOf` gives.
  const bytes = typeof pack === "string" ? Buffer.from(pack, "latin1") : pack;
  let at = placeOf(bytes, rank);
  for (let left = count; left > 0; left -= 1) {
    assert(at >= FIRST_AT && !isEnd(bytes, at), "the range is in the pack");
    const value = nextAt(bytes, at);
    visitor(valueAt(bytes, at), scoreAt(bytes, value));
    at = isReverse ? previousPair(bytes, at) : nextAt(bytes, value);
  }
}

function comparePairs(
  [left, leftScore]: readonly [string, number],
  [right, rightScore]: readonly [string, number],
): number {
  if (leftScore !== rightScore) return leftScore < rightScore ? -1 : 1;
  return left < right ? -1 : 1;
}

function scoreAt(bytes: Buffer, at: number): number {
  const integer = integerAt(bytes, at);
  if (integer !== undefined) return integer;
  const text = valueAt(bytes, at);
  if (text === "inf") return Number.POSITIVE_INFINITY;
  return text === "-inf" ? Number.NEGATIVE_INFINITY : Number(text);
}

function isBefore(
  bytes: Buffer,
  at: number,
  kind: BoundKind,
  score: number,
  member: string,
): boolean {
  const entryScore = kind >= Before.bytes ? 0 : scoreAt(bytes, nextAt(bytes, at));
  if (!needsMember(kind, score, entryScore)) return isScoreBefore(kind, score, entryScore);
  return isMemberBefore(kind, member, valueAt(bytes, at));
}

function placeBefore(pack: Listpack, score: number, member: string): number {
  const bytes = bytesOf(pack);
  let at = FIRST_AT;
  while (!isEnd(bytes, at) && isBefore(bytes, at, Before.member, score, member)) {
    at = nextPair(bytes, at);
  }
  return at;
}

function placeOf(bytes: Buffer, rank: number): number {
  const size = bytes.readUInt16LE(4) / 2;
  let at = FIRST_AT;
  if (rank < size / 2) {
    for (let left = rank; left > 0; left -= 1) at = nextPair(bytes, at);
    return at;
  }
  at = endAt(bytes);
  for (let left = size - rank; left > 0; left -= 1) at = previousPair(bytes, at);
  return at;
}

function nextPair(bytes: Buffer, at: number): number {
  return nextAt(bytes, nextAt(bytes, at));
}

/** Before FIRST_AT there is none. */
function previousPair(bytes: Buffer, at: number): number {
  const score = previousAt(bytes, at);
  return score < 0 ? score : previousAt(bytes, score);
}
