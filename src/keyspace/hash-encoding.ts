/**
 * When OBJECT ENCODING says `hashtable` of a hash: once it has passed Redis's bounds of a listpack,
 * and from then on. Our structures do not change with it; only the name does, because clients and
 * suites look at it.
 */
import type { Bytes } from "../base/bytes.ts";
import type { EncodingLimits } from "./encoding-limits.ts";
import type { HashValue } from "./hash-value.ts";

/** These pairs were set. */
export function noteEncoding(
  hash: HashValue,
  pairs: readonly Bytes[],
  limits: EncodingLimits,
): void {
  if (hash.isLarge) return;
  const entriesMax = limits.hashListpackEntries;
  if (pairs.length > entriesMax * 2 || hash.size > entriesMax) {
    hash.becomeLarge();
    return;
  }
  const partMax = limits.hashListpackValueBytes;
  for (let index = 0; index < pairs.length; index += 1) {
    if (pairs[index].length > partMax) {
      hash.becomeLarge();
      return;
    }
  }
}
