/**
 * Bounds among scored members, whose order is that of the score and then of the member's bytes.
 * A bound splits them in two: those before it, and the others. Scores are never NaN, and 0 and -0
 * are the same.
 */

/** What stands before a bound. The last two look at bytes alone: all scores should be the same. */
export const Before = {
  member: 0,
  orAtMember: 1,
  score: 2,
  orAtScore: 3,
  bytes: 4,
  orAtBytes: 5,
} as const;

export type BoundKind = (typeof Before)[keyof typeof Before];

/** Whether the score alone does not tell on which side of the bound something is. */
export function needsMember(kind: BoundKind, score: number, entryScore: number): boolean {
  if (kind >= Before.bytes) return true;
  return entryScore === score && kind < Before.score;
}

export function isScoreBefore(kind: BoundKind, score: number, entryScore: number): boolean {
  return entryScore < score || (entryScore === score && kind === Before.orAtScore);
}

/** For who needs the member. */
export function isMemberBefore(kind: BoundKind, member: string, entryMember: string): boolean {
  if (entryMember < member) return true;
  return (kind & 1) === 1 && entryMember === member;
}
