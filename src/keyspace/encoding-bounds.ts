/**
 * When OBJECT ENCODING says `hashtable` or `quicklist`: Redis's default listpack bounds.
 *
 * Our structures do not change with size; only the name does, because clients and suites look at
 * it.
 */
import type { Bytes } from "../base/bytes.ts";
import type { HashValue, ListValue } from "./entry.ts";

export const HASH_LISTPACK_ENTRIES_MAX = 512;
export const HASH_LISTPACK_VALUE_BYTES_MAX = 64;
/** list-max-listpack-size -2: 8 KiB in one node. */
export const LIST_LISTPACK_BYTES_MAX = 8192;
/** A listpack's head and end. */
const LISTPACK_FRAME_BYTES = 7;
/** Encoding and back length of one element, about. */
const LISTPACK_ELEMENT_BYTES = 2;

export function isLargeField(field: string, value: Bytes): boolean {
  return (
    field.length > HASH_LISTPACK_VALUE_BYTES_MAX || value.length > HASH_LISTPACK_VALUE_BYTES_MAX
  );
}

export function isLargeHash(hash: HashValue): boolean {
  if (hash.fields.size > HASH_LISTPACK_ENTRIES_MAX) return true;
  for (const [field, value] of hash.fields) if (isLargeField(field, value)) return true;
  return false;
}

/** Asked when OBJECT ENCODING is; looks at no more than a listpack could hold. */
export function isLargeList(list: ListValue): boolean {
  let sizeBytes = LISTPACK_FRAME_BYTES;
  for (const value of list.values) {
    sizeBytes += value.length + LISTPACK_ELEMENT_BYTES;
    if (sizeBytes > LIST_LISTPACK_BYTES_MAX) return true;
  }
  return false;
}
