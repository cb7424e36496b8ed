/**
 * What values cost, in bytes: an estimate of V8's and Buffer's own bookkeeping, on a 64-bit Node.
 *
 * Exact in one sense: what an effect adds, its undoing takes away, so `usedBytes` never drifts.
 */
import type { Bytes } from "../base/bytes.ts";
import { SHORT_BYTES_MAX } from "../base/bytes.ts";
import type { Value } from "./entry.ts";

/** Slot in the table and place in the order; the record in the arena comes on top. */
export const KEY_BYTES = 24;
/** What a value outside the arena costs before its first element. */
export const OBJECT_BYTES = 160;
/** Map slot of a hash field. */
export const FIELD_BYTES = 40;
/** A pointer in a chunk of a list. */
export const ELEMENT_BYTES = 9;
const STRING_HEADER_BYTES = 16;
const BUFFER_HEADER_BYTES = 136;

export function bytesCost(bytes: Bytes): number {
  if (bytes.length <= SHORT_BYTES_MAX) return STRING_HEADER_BYTES + ((bytes.length + 7) & ~7);
  return BUFFER_HEADER_BYTES + bytes.length;
}

export function fieldCost(field: string, value: Bytes): number {
  return FIELD_BYTES + STRING_HEADER_BYTES + ((field.length + 7) & ~7) + bytesCost(value);
}

export function elementCost(value: Bytes): number {
  return ELEMENT_BYTES + bytesCost(value);
}

/** The value from scratch; `apply.ts` keeps the same figure step by step. */
export function valueCost(value: Value): number {
  if (value.type === "string") return bytesCost(value.bytes);
  let cost = 0;
  if (value.type === "hash") {
    for (const [field, bytes] of value.fields) cost += fieldCost(field, bytes);
    return cost;
  }
  for (const element of value.values) cost += elementCost(element);
  return cost;
}
