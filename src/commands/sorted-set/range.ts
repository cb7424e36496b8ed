/**
 * Ranges of a sorted set: by rank, by score and by bytes. Each is read from two arguments, and
 * found as a run of ranks.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { Before } from "../../data/score-bound.ts";
import type { SortedSetValue } from "../../keyspace/sorted-set-value.ts";
import { parseDecimal } from "../double-argument.ts";
import { parseClampedInteger } from "../integer-argument.ts";

const notFloats = new ErrorReply("ERR min or max is not a float");
const notBytes = new ErrorReply("ERR min or max not valid string range item");

export interface RankRun {
  readonly start: number;
  readonly count: number;
}

export const NO_RANKS: RankRun = { start: 0, count: 0 };

/** Below 0 they count from the end. */
export interface RankRange {
  readonly by: "rank";
  readonly start: number;
  readonly stop: number;
}

export interface ScoreRange {
  readonly by: "score";
  readonly min: number;
  readonly isMinExclusive: boolean;
  readonly max: number;
  readonly isMaxExclusive: boolean;
}

/** A member, or what stands before or behind all members. */
interface LexBound {
  readonly place: "first" | "member" | "last";
  readonly member: string;
  readonly isExclusive: boolean;
}

export interface LexRange {
  readonly by: "lex";
  readonly min: LexBound;
  readonly max: LexBound;
}

export type SortedSetRange = RankRange | ScoreRange | LexRange;

/** `min` and `max` as given: by rank they are start and stop. */
export function parseRange(
  by: SortedSetRange["by"],
  min: Bytes,
  max: Bytes,
): SortedSetRange | ErrorReply {
  if (by === "score") return parseScoreRange(min, max);
  if (by === "lex") return parseLexRange(min, max);
  const start = parseClampedInteger(min);
  const stop = parseClampedInteger(max);
  if (start === undefined || stop === undefined) return errors.notAnInteger;
  return { by: "rank", start, stop };
}

export function parseScoreRange(min: Bytes, max: Bytes): ScoreRange | ErrorReply {
  const isMinExclusive = isOpen(min);
  const isMaxExclusive = isOpen(max);
  const from = parseScore(min, isMinExclusive);
  const to = parseScore(max, isMaxExclusive);
  if (from === undefined || to === undefined) return notFloats;
  return { by: "score", min: from, isMinExclusive, max: to, isMaxExclusive };
}

export function parseLexRange(min: Bytes, max: Bytes): LexRange | ErrorReply {
  const from = parseLexBound(toBinaryString(min));
  const to = parseLexBound(toBinaryString(max));
  return from === undefined || to === undefined ? notBytes : { by: "lex", min: from, max: to };
}

/** The run of ranks, counted from the end if the range is walked downwards and is by rank. */
export function ranksIn(set: SortedSetValue, range: SortedSetRange, isReverse: boolean): RankRun {
  if (range.by === "rank") return ranksBetween(set.size, range, isReverse);
  return range.by === "score" ? ranksByScore(set, range) : ranksByLex(set, range, isReverse);
}

function ranksBetween(size: number, range: RankRange, isReverse: boolean): RankRun {
  const start = Math.max(0, range.start < 0 ? size + range.start : range.start);
  const stop = Math.min(size - 1, range.stop < 0 ? size + range.stop : range.stop);
  if (start > stop) return NO_RANKS;
  return { start: isReverse ? size - 1 - stop : start, count: stop - start + 1 };
}

export function ranksByScore(set: SortedSetValue, range: ScoreRange): RankRun {
  const { min, max } = range;
  const start = set.countBefore(range.isMinExclusive ? Before.orAtScore : Before.score, min, "");
  const end = set.countBefore(range.isMaxExclusive ? Before.score : Before.orAtScore, max, "");
  return end > start ? { start, count: end - start } : NO_RANKS;
}

function ranksByLex(set: SortedSetValue, range: LexRange, isReverse: boolean): RankRun {
  const { min, max } = range;
  if (isEmptyLexRange(range)) return NO_RANKS;
  if (!set.isSkipList && hasSeveralScores(set)) return walkedRanks(set, range, isReverse);
  const fromKind = min.isExclusive ? Before.orAtBytes : Before.bytes;
  const toKind = max.isExclusive ? Before.bytes : Before.orAtBytes;
  const start = min.place === "first" ? 0 : set.countBefore(fromKind, 0, min.member);
  const end = max.place === "last" ? set.size : set.countBefore(toKind, 0, max.member);
  return end > start ? { start, count: end - start } : NO_RANKS;
}

function isEmptyLexRange({ min, max }: LexRange): boolean {
  if (min.place === "last" || max.place === "first") return true;
  if (min.place === "first" || max.place === "last") return false;
  if (min.member === max.member) return min.isExclusive || max.isExclusive;
  return min.member > max.member;
}

function hasSeveralScores(set: SortedSetValue): boolean {
  return set.slice(0, 1, false).scores[0] !== set.slice(set.size - 1, 1, false).scores[0];
}

/**
 * With several scores a range of bytes means nothing, but Redis's listpacks give the same run every
 * time: from the first member that is not before the range on, while members are in it.
 */
function walkedRanks(set: SortedSetValue, range: LexRange, isReverse: boolean): RankRun {
  const { members } = set.flat();
  const last = members.length - 1;
  if (!isFrom(range.min, members[last]) || !isUpTo(range.max, members[0])) return NO_RANKS;
  if (isReverse) {
    const end = members.findLastIndex((member) => isUpTo(range.max, member));
    let start = end + 1;
    while (start > 0 && isFrom(range.min, members[start - 1])) start -= 1;
    return { start, count: end + 1 - start };
  }
  const start = members.findIndex((member) => isFrom(range.min, member));
  let end = start;
  while (end <= last && isUpTo(range.max, members[end])) end += 1;
  return { start, count: end - start };
}

function isFrom(min: LexBound, member: string): boolean {
  if (min.place !== "member") return min.place === "first";
  return min.isExclusive ? member > min.member : member >= min.member;
}

function isUpTo(max: LexBound, member: string): boolean {
  if (max.place !== "member") return max.place === "last";
  return max.isExclusive ? member < max.member : member <= max.member;
}

function isOpen(argument: Bytes): boolean {
  return typeof argument === "string" && argument.startsWith("(");
}

/** As strtod reads it: spaces before it, and nothing at all for 0; a byte of 0 ends it. */
function parseScore(argument: Bytes, isExclusive: boolean): number | undefined {
  const text = toBinaryString(argument).slice(isExclusive ? 1 : 0);
  const value = parseDecimal(text);
  if (value !== undefined) return value;
  const end = text.indexOf("\0");
  const shown = end < 0 ? text : text.slice(0, end);
  return shown === "" ? 0 : parseDecimal(shown.replace(/^[ \t\n\v\f\r]+/, ""));
}

function parseLexBound(text: string): LexBound | undefined {
  if (text === "-" || text === "+") {
    return { place: text === "-" ? "first" : "last", member: "", isExclusive: true };
  }
  if (!text.startsWith("(") && !text.startsWith("[")) return undefined;
  return { place: "member", member: text.slice(1), isExclusive: text.startsWith("(") };
}
