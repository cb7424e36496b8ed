/**
 * What values cost, in bytes: an estimate of V8's and Buffer's own bookkeeping, on a 64-bit Node.
 *
 * Exact in one sense: what an effect adds, its undoing takes away, so `usedBytes` never drifts.
 */
import type { Bytes } from "../base/bytes.ts";
import { SHORT_BYTES_MAX } from "../base/bytes.ts";
import type { Value } from "./entry.ts";

/** Map slot, Entry object, value object, place in the dense order. */
export const ENTRY_BYTES = 200;
/** Map slot of a hash field. */
export const FIELD_BYTES = 40;
/** A pointer in a chunk of a list. */
export const ELEMENT_BYTES = 9;
const STRING_HEADER_BYTES = 16;
const BUFFER_HEADER_BYTES = 136;
const EXPIRY_BYTES = 32;

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

/** The whole entry, from scratch; `apply.ts` keeps the same figure step by step. */
export function entryCost(key: string, value: Value, expiryMs: number): number {
  let cost = ENTRY_BYTES + STRING_HEADER_BYTES + ((key.length + 7) & ~7);
  if (expiryMs !== 0) cost += EXPIRY_BYTES;
  if (value.type === "string") return cost + bytesCost(value.bytes);
  if (value.type === "hash") {
    for (const [field, bytes] of value.fields) cost += fieldCost(field, bytes);
    return cost;
  }
  for (const element of value.values) cost += elementCost(element);
  return cost;
}

/** What a change of expiry adds or takes away. */
export function expiryCostChange(before: number, after: number): number {
  return (after === 0 ? 0 : EXPIRY_BYTES) - (before === 0 ? 0 : EXPIRY_BYTES);
}
