/**
 * Unions, intersections and differences of sorted sets and sets.
 *
 * Scores are added up in Redis's order, from the smallest source to the largest, since sums of
 * doubles depend on it. What is no number becomes 0, as inf + -inf does.
 */
import { DenseTable } from "../../data/dense-table.ts";
import type { HashKey } from "../../data/keyed-hash.ts";
import type { Scored } from "../../keyspace/effect-parts.ts";
import type { SetValue } from "../../keyspace/set-value.ts";
import type { SortedSetValue } from "../../keyspace/sorted-set-value.ts";

export type Combination = "union" | "intersection" | "difference";
export type Aggregate = "SUM" | "MIN" | "MAX";

export interface Source {
  readonly value: SortedSetValue | SetValue | undefined;
  weight: number;
}

const SET_SCORE = 1;

/** At most `countMax` members of an intersection, in no order. */
export function combined(
  kind: Combination,
  sources: readonly Source[],
  aggregate: Aggregate,
  hashKey: HashKey,
  countMax = Number.POSITIVE_INFINITY,
): { members: string[]; scores: number[] } {
  if (kind === "difference") return difference(sources);
  const ordered = sources.toSorted((left, right) => sizeOf(left) - sizeOf(right));
  if (kind === "union") return union(ordered, aggregate, hashKey);
  return intersection(ordered, aggregate, countMax);
}

/** By score, then by bytes. */
export function inOrder({ members, scores }: Scored): { members: string[]; scores: number[] } {
  const places = Array.from(members, (_, place) => place);
  places.sort((left, right) => {
    if (scores[left] !== scores[right]) return scores[left] < scores[right] ? -1 : 1;
    return members[left] < members[right] ? -1 : 1;
  });
  return {
    members: places.map((place) => members[place]),
    scores: places.map((place) => scores[place]),
  };
}

/** A table, because a Map holds 2^24 members at most and stops to grow. */
function union(
  sources: readonly Source[],
  aggregate: Aggregate,
  hashKey: HashKey,
): { members: string[]; scores: number[] } {
  const members: string[] = [];
  const scores: number[] = [];
  const places = new DenseTable(hashKey);
  for (const source of sources) {
    visit(source, (member, score) => {
      const weighted = numberOr0(source.weight * score);
      if (places.add(member) >= 0) {
        members.push(member);
        scores.push(weighted);
        return;
      }
      const place = places.find(member);
      scores[place] = aggregated(aggregate, scores[place], weighted);
    });
  }
  return { members, scores };
}

function intersection(
  sources: readonly Source[],
  aggregate: Aggregate,
  countMax: number,
): { members: string[]; scores: number[] } {
  const members: string[] = [];
  const scores: number[] = [];
  const [first, ...others] = sources;
  visit(first, (member, own) => {
    if (members.length >= countMax) return;
    let score = numberOr0(first.weight * own);
    for (const other of others) {
      const value = other.value === first.value ? own : scoreIn(other, member);
      if (value === undefined) return;
      score = aggregated(aggregate, score, value * other.weight);
    }
    members.push(member);
    scores.push(score);
  });
  return { members, scores };
}

function difference(sources: readonly Source[]): { members: string[]; scores: number[] } {
  const members: string[] = [];
  const scores: number[] = [];
  const [first, ...others] = sources;
  if (others.some(({ value }) => value === first.value)) return { members, scores };
  visit(first, (member, score) => {
    for (const other of others) if (scoreIn(other, member) !== undefined) return;
    members.push(member);
    scores.push(score);
  });
  return { members, scores };
}

function aggregated(aggregate: Aggregate, present: number, value: number): number {
  if (aggregate === "SUM") return numberOr0(present + value);
  // A value that is no number leaves what is there.
  const isTaken = aggregate === "MIN" ? value < present : value > present;
  return isTaken ? value : present;
}

function numberOr0(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}

function sizeOf({ value }: Source): number {
  return value === undefined ? 0 : value.size;
}

function scoreIn({ value }: Source, member: string): number | undefined {
  if (value === undefined) return undefined;
  if (value.type === "zset") return value.score(member);
  return value.has(member) ? SET_SCORE : undefined;
}

/** As Redis walks: a sorted set from its highest score down. */
function visit({ value }: Source, visitor: (member: string, score: number) => void): void {
  if (value === undefined) return;
  if (value.type === "zset") {
    value.visit(value.size - 1, value.size, true, visitor);
    return;
  }
  for (const member of value) visitor(member, SET_SCORE);
}
