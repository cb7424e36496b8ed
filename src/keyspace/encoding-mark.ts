/**
 * What OBJECT ENCODING says of a value, as the one byte that a snapshot keeps: how the value came
 * to be decides it, and its content does not tell.
 *
 *   string  1 written in place (`raw`)      set   0 intset, 1 listpack, 2 hashtable
 *   list    1 quicklist                     zset  1 skiplist
 *   hash    1 hashtable, 2 fields had an expiry once (bits)       stream  0
 */
import { unreachable } from "../base/assert.ts";
import type { RestoredValue } from "./effect.ts";
import type { CollectionValue, Value } from "./entry.ts";

const MARK_MAX = { string: 1, list: 1, hash: 3, fields: 3, set: 2, zset: 1, stream: 0 } as const;

export function encodingMarkMax(value: RestoredValue): number {
  return MARK_MAX[value.type];
}

export function encodingMarkOf(value: Value): number {
  switch (value.type) {
    case "string":
      return value.isRaw ? 1 : 0;
    case "zset":
      return value.isSkipList ? 1 : 0;
    case "stream":
      return 0;
    case "list":
    case "set":
    case "hash":
      return value.encodingMark;
    default:
      return unreachable(value);
  }
}

export function setEncodingMark(value: CollectionValue, mark: number): void {
  if (value.type === "zset") value.isSkipList = mark !== 0;
  else if (value.type !== "stream") value.encodingMark = mark;
}
