/**
 * Members with their scores, as replies: RESP2 is flat, RESP3 nests each pair.
 */
import type { SortedSetValue } from "../../keyspace/sorted-set-value.ts";
import { DoubleReply, type Protocol, type Reply } from "../../resp/frame.ts";

/** Members of a run of ranks; walked downwards, the first is the one of the highest rank. */
export function membersReply(
  set: SortedSetValue,
  start: number,
  count: number,
  isReverse: boolean,
): string[] {
  const members: string[] = [];
  const first = isReverse ? start + count - 1 : start;
  set.visit(first, count, isReverse, (member) => {
    members.push(member);
  });
  return members;
}

/** The same with their scores. */
export function scoredRunReply(
  set: SortedSetValue,
  start: number,
  count: number,
  isReverse: boolean,
  isNested: boolean,
): Reply[] {
  const replies: Reply[] = [];
  const first = isReverse ? start + count - 1 : start;
  set.visit(first, count, isReverse, (member, score) => {
    if (isNested) replies.push([member, new DoubleReply(score)]);
    else replies.push(member, new DoubleReply(score));
  });
  return replies;
}

/** Of two arrays. */
export function scoredReply(
  members: readonly string[],
  scores: readonly number[],
  protocol: Protocol,
): Reply[] {
  const replies: Reply[] = [];
  for (let index = 0; index < members.length; index += 1) {
    const score = new DoubleReply(scores[index]);
    if (protocol === 3) replies.push([members[index], score]);
    else replies.push(members[index], score);
  }
  return replies;
}
