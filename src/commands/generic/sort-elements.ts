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
  if (value.type === "list") return value.values.length;
  return value.type === "set" ? value.size : value.scores.size;
}

export function allOf(value: Sortable): readonly Bytes[] {
  if (value.type === "list") return [...value.values];
  return value.type === "set" ? [...value] : [...value.scores.keys()];
}

/** So many from that place on, which are there; backwards, places count from the end. */
export function sliceOf(
  value: Sortable,
  start: number,
  count: number,
  isReverse: boolean,
): readonly Bytes[] {
  const size = countOf(value);
  const from = isReverse ? size - start - count : start;
  const slice =
    value.type === "list"
      ? value.values.slice(from, count)
      : allOf(value).slice(from, from + count);
  return isReverse ? slice.toReversed() : slice;
}
