/**
 * What Redis 7.2 would call the encoding of a set: `intset`, `listpack` or `hashtable`, by the
 * settings of the moment in which members came. It only ever goes on, as in Redis: neither does a
 * removal turn it back, nor a setting that was made larger since.
 */
import { isInteger } from "../data/packed-integers.ts";
import type { EncodingLimits } from "./encoding-limits.ts";

export const SetEncoding = { intset: 0, listpack: 1, hashtable: 2 } as const;
export type SetEncoding = (typeof SetEncoding)[keyof typeof SetEncoding];

const NAMES = ["intset", "listpack", "hashtable"] as const;
/** The longest integer of 64 bits, as text. */
const INTEGER_BYTES_MAX = 20;

export function setEncodingName(encoding: SetEncoding): string {
  return NAMES[encoding];
}

/** How SADD begins: a first integer makes an intset if all that came with it may stay in one. */
export function encodingOfNew(members: readonly string[], limits: EncodingLimits): SetEncoding {
  const { length } = members;
  if (length <= limits.setIntsetEntries && isInteger(members[0])) return SetEncoding.intset;
  return length <= limits.setListpackEntries ? SetEncoding.listpack : SetEncoding.hashtable;
}

/** How SADD goes on: so many that a compact form would not hold them alone are not tried in it. */
export function encodingBefore(
  encoding: SetEncoding,
  addedCount: number,
  limits: EncodingLimits,
): SetEncoding {
  const countMax =
    encoding === SetEncoding.intset ? limits.setIntsetEntries : limits.setListpackEntries;
  return addedCount > countMax ? SetEncoding.hashtable : encoding;
}

/** After these came one by one to `present`, of which there were `count`. */
export function encodingWith(
  encoding: SetEncoding,
  present: Iterable<string>,
  count: number,
  members: readonly string[],
  limits: EncodingLimits,
): SetEncoding {
  let known = encoding;
  for (let index = 0; index < members.length; index += 1) {
    if (known === SetEncoding.hashtable) return known;
    const member = members[index];
    if (known === SetEncoding.intset && isInteger(member)) {
      if (count + index + 1 > limits.setIntsetEntries) return SetEncoding.hashtable;
      continue;
    }
    const hasRoom =
      count + index < limits.setListpackEntries && member.length <= limits.setListpackValueBytes;
    if (!hasRoom) return SetEncoding.hashtable;
    if (known === SetEncoding.intset) {
      const isShort = areShort(present, limits) && areShort(members.slice(0, index), limits);
      if (!isShort) return SetEncoding.hashtable;
      known = SetEncoding.listpack;
    }
  }
  return known;
}

/** Whether integers are short enough for a listpack: with all but the oddest settings they are. */
function areShort(integers: Iterable<string>, limits: EncodingLimits): boolean {
  if (limits.setListpackValueBytes >= INTEGER_BYTES_MAX) return true;
  for (const text of integers) if (text.length > limits.setListpackValueBytes) return false;
  return true;
}
