/**
 * Whole values, between an effect's flat form and the keyspace's structures.
 */
import type { Bytes } from "../base/bytes.ts";
import { ChunkedList } from "../data/chunked-list.ts";
import type { RestoredValue } from "./effect.ts";
import { isLargeHash } from "./encoding-bounds.ts";
import type { Value } from "./entry.ts";
import { HashValue } from "./hash-value.ts";
import type { ReleaseList } from "./stored-bytes.ts";

export function restoredValue(value: RestoredValue, released: ReleaseList): Value {
  if (value.type === "string") return { type: "string", bytes: value.value };
  if (value.type === "hash") {
    const hash = new HashValue();
    hash.setAll(value.pairs, released);
    hash.isLarge = isLargeHash(hash);
    return hash;
  }
  return { type: "list", values: ChunkedList.from(value.values) };
}

/** The flat form of a value, for RENAME, COPY and MOVE. */
export function flatValue(value: Value): RestoredValue {
  if (value.type === "string") return { type: "string", value: value.bytes };
  if (value.type === "list") return { type: "list", values: [...value.values] };
  const pairs: Bytes[] = [];
  for (const [field, bytes] of value) pairs.push(field, bytes);
  return { type: "hash", pairs };
}

/** Bytes of the flat form, without its framing. */
export function restoredSize(value: RestoredValue): number {
  if (value.type === "string") return value.value.length;
  let sizeBytes = 0;
  for (const bytes of value.type === "hash" ? value.pairs : value.values) sizeBytes += bytes.length;
  return sizeBytes;
}
