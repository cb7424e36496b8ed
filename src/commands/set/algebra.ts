/**
 * Unions, intersections and differences of sets, and what is stored of them.
 *
 * A result is collected before anything is applied, and no further than the unit has room for
 * (`roomBytes`; a read has all the room there is): then there is only an error.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { DenseTable } from "../../data/dense-table.ts";
import type { HashKey } from "../../data/keyed-hash.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { stringSize } from "../../keyspace/restored-value.ts";
import type { SetValue } from "../../keyspace/set-value.ts";
import type { CommandContext } from "../context.ts";

/** Undefined for a key that is not there, which is an empty set. */
export type Source = SetValue | undefined;
export type Members = readonly string[] | ErrorReply;

/** The result of sets whose keys stand in `args` from `firstAt` on. */
export type Operation = (
  sources: readonly Source[],
  hashKey: HashKey,
  roomBytes: number,
) => Members;

/** Every key must hold a set or nothing, whatever the others hold. */
export function lookupSets(
  context: CommandContext,
  args: readonly Bytes[],
  firstAt: number,
  endAt: number,
): Source[] | ErrorReply {
  const sources: Source[] = [];
  for (let index = firstAt; index < endAt; index += 1) {
    const set = context.lookupSet(toBinaryString(args[index]));
    if (set instanceof ErrorReply) return set;
    sources.push(set);
  }
  return sources;
}

/** For SUNION, SINTER and SDIFF. */
export function resultOf(
  context: CommandContext,
  args: readonly Bytes[],
  operation: Operation,
): Members {
  const sources = lookupSets(context, args, 1, args.length);
  if (sources instanceof ErrorReply) return sources;
  return operation(sources, context.keyspace.hashKey, Number.POSITIVE_INFINITY);
}

/** For the same with STORE; how many members the destination has now. */
export function storeResult(
  context: CommandContext,
  args: readonly Bytes[],
  operation: Operation,
): number | ErrorReply {
  const { database } = context;
  const sources = lookupSets(context, args, 2, args.length);
  if (sources instanceof ErrorReply) return sources;
  const members = operation(sources, context.keyspace.hashKey, context.roomBytes());
  if (members instanceof ErrorReply) return members;
  const key = toBinaryString(args[1]);
  if (members.length > 0) {
    const value = { type: "set", members } as const;
    context.apply({ id: EffectId.keyRestore, database, key, value, expiryMs: 0 });
  } else if (context.has(key)) {
    context.apply({ id: EffectId.keyDelete, database, key, reason: "deleted" });
  }
  return members.length;
}

class Collector {
  readonly members: string[];
  #leftBytes: number;

  constructor(roomBytes: number) {
    this.members = [];
    this.#leftBytes = roomBytes;
  }

  /** False if there is no room. */
  add(member: string): boolean {
    this.#leftBytes -= stringSize(member);
    if (this.#leftBytes < 0) return false;
    this.members.push(member);
    return true;
  }
}

export function union(sources: readonly Source[], hashKey: HashKey, roomBytes: number): Members {
  const result = new Collector(roomBytes);
  const sets = sources.filter((source) => source !== undefined);
  // Of a table and not of a Set, which holds 2^24 at most.
  const known = sets.length > 1 ? new DenseTable(hashKey) : undefined;
  for (const set of sets) {
    for (const member of set) {
      if (known !== undefined && known.add(member) < 0) continue;
      if (!result.add(member)) return errors.unitTooLarge;
    }
  }
  return result.members;
}

export function intersection(
  sources: readonly Source[],
  _hashKey: HashKey,
  roomBytes: number,
): Members {
  const result = new Collector(roomBytes);
  let isFull = false;
  visitIntersection(sources, (member) => {
    isFull = !result.add(member);
    return !isFull;
  });
  return isFull ? errors.unitTooLarge : result.members;
}

/** Visits members until the visitor has enough. */
export function visitIntersection(
  sources: readonly Source[],
  visit: (member: string) => boolean,
): void {
  const sets = new Set<SetValue>();
  for (const source of sources) {
    if (source === undefined) return;
    sets.add(source);
  }
  const [smallest, ...others] = [...sets].sort((left, right) => left.size - right.size);
  for (const member of smallest) {
    if (isInAll(member, others) && !visit(member)) return;
  }
}

/**
 * Members of the first set that are in no other: looked for in each, or, where the others together
 * are smaller than that is worth, taken out one by one (Redis's two ways, and its choice).
 */
export function difference(
  sources: readonly Source[],
  hashKey: HashKey,
  roomBytes: number,
): Members {
  const [first, ...rest] = sources;
  const others = rest.filter((source) => source !== undefined);
  if (first === undefined || others.includes(first)) return [];
  let othersCount = 0;
  for (const other of others) othersCount += other.size;
  const lookups = (first.size * (others.length + 1)) / 2;
  if (lookups > first.size + othersCount) return withoutAll(first, others, hashKey, roomBytes);
  others.sort((left, right) => right.size - left.size);
  const result = new Collector(roomBytes);
  for (const member of first) {
    if (!isInAny(member, others) && !result.add(member)) return errors.unitTooLarge;
  }
  return result.members;
}

function withoutAll(
  first: SetValue,
  others: readonly SetValue[],
  hashKey: HashKey,
  roomBytes: number,
): Members {
  const left = new DenseTable(hashKey);
  for (const member of first) left.add(member);
  for (const other of others) {
    for (const member of other) {
      const index = left.find(member);
      if (index >= 0) left.removeAt(index);
    }
    if (left.size === 0) return [];
  }
  const result = new Collector(roomBytes);
  for (const member of left) if (!result.add(member)) return errors.unitTooLarge;
  return result.members;
}

function isInAll(member: string, sets: readonly SetValue[]): boolean {
  for (let index = 0; index < sets.length; index += 1) {
    if (!sets[index].has(member)) return false;
  }
  return true;
}

function isInAny(member: string, sets: readonly SetValue[]): boolean {
  for (let index = 0; index < sets.length; index += 1) {
    if (sets[index].has(member)) return true;
  }
  return false;
}
