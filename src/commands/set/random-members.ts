/**
 * Members by chance, each as likely as any other: SPOP and SRANDMEMBER.
 */
import type { SetValue } from "../../keyspace/set-value.ts";
import type { CommandContext } from "../context.ts";

/** Below one in so many a place drawn twice is rare enough to draw again. */
const SPARSE_PART = 3;

export function randomMember(context: CommandContext, set: SetValue): string {
  return set.at(below(context, set.size));
}

/** Any of them any number of times. */
export function repeatedMembers(context: CommandContext, set: SetValue, count: number): string[] {
  const { size } = set;
  const members = new Array<string>(count);
  // Walking through a listpack for each of them would take longer than unpacking it.
  const known = set.isSmall && count > 1 ? [...set] : undefined;
  for (let index = 0; index < count; index += 1) {
    const place = below(context, size);
    members[index] = known === undefined ? set.at(place) : known[place];
  }
  return members;
}

/** Each at most once; `count` is at most the set's size. */
export function distinctMembers(context: CommandContext, set: SetValue, count: number): string[] {
  if (set.isSmall || count * SPARSE_PART >= set.size) return shuffled(context, [...set], count);
  const places = new Set<number>();
  while (places.size < count) places.add(below(context, set.size));
  return Array.from(places, (place) => set.at(place));
}

/** The first `count` of them after as many steps of a shuffle. */
function shuffled(context: CommandContext, members: string[], count: number): string[] {
  for (let at = 0; at < count; at += 1) {
    const other = at + below(context, members.length - at);
    const member = members[at];
    members[at] = members[other];
    members[other] = member;
  }
  members.length = count;
  return members;
}

function below(context: CommandContext, count: number): number {
  return Math.floor(context.server.random() * count);
}
