/**
 * The elements of what SORT can sort, all of them or a part in the order that they have.
 */
import type { Bytes } from "../../base/bytes.ts";
import type { Value } from "../../keyspace/entry.ts";

export type Sortable = Extract<Value, { readonly type: "list" | "set" | "zset" }>;

export function isSortable(value: Value): value is Sortable {
  return value.type === "list" || value.type === "set" || value.type === "zset";
}

export function countOf(value: Sortable): number {
  return value.type === "list" ? value.length : value.size;
}

export function allOf(value: Sortable): readonly Bytes[] {
  if (value.type === "zset") return value.flat().members;
  return value.type === "list" ? value.slice(0, value.length) : [...value];
}

/** So many from that place on, which are there; backwards, places count from the end. */
export function sliceOf(
  value: Sortable,
  start: number,
  count: number,
  isReverse: boolean,
): readonly Bytes[] {
  if (value.type === "zset") {
    const rank = isReverse ? value.size - 1 - start : start;
    return value.slice(rank, count, isReverse).members;
  }
  if (value.type === "set") return [...value].slice(start, start + count);
  const from = isReverse ? value.length - start - count : start;
  const slice = value.slice(from, count);
  return isReverse ? slice.toReversed() : slice;
}
