/**
 * When OBJECT ENCODING says `quicklist`: Redis's default listpack bound.
 *
 * Our structures do not change with size; only the name does, because clients and suites look at
 * it.
 */
import type { Bytes } from "../base/bytes.ts";
import { parseInt64 } from "../base/int64.ts";
import type { ListValue } from "./list-value.ts";

/** list-max-listpack-size -2: 8 KiB in one node. */
export const LIST_LISTPACK_BYTES_MAX = 8192;
/** A listpack's head and end. */
const LISTPACK_FRAME_BYTES = 7;

/**
 * Whether RPUSH of these values, one by one, would have outgrown a listpack: Redis adds the bare
 * length of the last one to the bytes of those before. Looks at no more than a listpack could hold.
 */
export function isLargeList(list: ListValue): boolean {
  let sizeBytes = LISTPACK_FRAME_BYTES;
  for (const value of list.values) {
    if (sizeBytes + value.length > LIST_LISTPACK_BYTES_MAX) return true;
    sizeBytes += listpackBytes(value);
  }
  return false;
}

/** One element of a listpack: its encoding byte or bytes, its content, and the way back. */
function listpackBytes(value: Bytes): number {
  const integer = parseInt64(value);
  if (integer !== undefined) return integerBytes(integer) + 1;
  const { length } = value;
  const entryBytes = length + (length < 64 ? 1 : length < 4096 ? 2 : 5);
  return entryBytes + (entryBytes < 128 ? 1 : 2);
}

function integerBytes(value: bigint): number {
  if (value >= 0n && value < 128n) return 1;
  const magnitude = value < 0n ? -value - 1n : value;
  if (magnitude < 2n ** 12n) return 2;
  if (magnitude < 2n ** 15n) return 3;
  if (magnitude < 2n ** 23n) return 4;
  return magnitude < 2n ** 31n ? 5 : 9;
}
