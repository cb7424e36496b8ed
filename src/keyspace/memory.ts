/**
 * What values cost, in bytes: an estimate of V8's and Buffer's own bookkeeping, on a 64-bit Node.
 *
 * Exact in one sense: what an effect adds, its undoing takes away, so `usedBytes` never drifts.
 */
import type { Bytes } from "../base/bytes.ts";
import { SHORT_BYTES_MAX } from "../base/bytes.ts";
import type { Value } from "./entry.ts";
import { type FieldValue, isStored } from "./stored-bytes.ts";

/** Slot in the table and place in the order; the record in the arena comes on top. */
export const KEY_BYTES = 24;
/** What a value outside the arena costs before its first element. */
export const OBJECT_BYTES = 160;
export const STRING_OBJECT_BYTES = OBJECT_BYTES;
/** The same of a hash: packed into a string, into a Buffer with room to spare, and as a table. */
export const PACKED_HASH_BYTES = 80;
export const PACKED_BUFFER_BYTES = 400;
export const FIELD_TABLE_BYTES = 1200;
/** Slot of a hash field in the table, and its two references. */
const FIELD_BYTES = 36;
/** A hash whose fields expire: the first of them, and each. */
export const EXPIRY_BYTES = 480;
const FIELD_EXPIRY_BYTES = 32;
/** Of a list, besides what its structure holds (`data/packed-list.ts`). */
export const PACKED_LIST_BYTES = 64;
/** Of a set: packed into a string or a Buffer, and once it is a table. */
export const PACKED_SET_BYTES = 64;
export const LARGE_SET_BYTES = 1024;
/** Of a member of a table: a reference, and its slots in the table. */
const MEMBER_BYTES = 28;
/** A sorted set before its pack or table; the table before its members. */
export const SORTED_SET_BYTES = 48;
const SCORED_TABLE_BYTES = 6 * 1024;
/** Slot in the table, place, score, and entry in the tree. */
const SCORED_MEMBER_BYTES = 48;
const STRING_HEADER_BYTES = 16;
const BUFFER_HEADER_BYTES = 136;
/** A reference; the bytes count here and nowhere else while a field holds them. */
const STORED_HEADER_BYTES = 48;

export function bytesCost(bytes: Bytes): number {
  return stringCost(bytes.length);
}

/** Of so many bytes of memory. */
export function stringCost(byteCount: number): number {
  if (byteCount <= SHORT_BYTES_MAX) return STRING_HEADER_BYTES + ((byteCount + 7) & ~7);
  return BUFFER_HEADER_BYTES + byteCount;
}

/** Of a field's value, wherever it lives. */
export function heldCost(value: FieldValue): number {
  return isStored(value) ? STORED_HEADER_BYTES + value.length : bytesCost(value);
}

export function fieldCost(field: string, value: FieldValue): number {
  return FIELD_BYTES + STRING_HEADER_BYTES + ((field.length + 7) & ~7) + heldCost(value);
}

export function fieldExpiryCost(field: string): number {
  return FIELD_EXPIRY_BYTES + ((field.length + 7) & ~7);
}

/** Of a large sorted set: so many members, whose text takes so much. */
export function scoredTableCost(size: number, textBytes: number): number {
  return SCORED_TABLE_BYTES + size * (SCORED_MEMBER_BYTES + STRING_HEADER_BYTES) + textBytes;
}

/** Of what is packed in one piece, wherever it lives. */
export function packedCost(packed: Bytes): number {
  if (typeof packed !== "string") return BUFFER_HEADER_BYTES + packed.length;
  return STRING_HEADER_BYTES + ((packed.length + 7) & ~7);
}

/** Of a member of a large set. */
export function memberCost(member: string): number {
  return MEMBER_BYTES + STRING_HEADER_BYTES + ((member.length + 7) & ~7);
}

/** Of a value outside the arena, all of it. */
export function valueCost(value: Value): number {
  return value.costBytes;
}
