/**
 * Whole hashes, between an effect's flat form and the keyspace's structure (`restored-value.ts`).
 */
import { assert } from "../base/assert.ts";
import { toBinaryString } from "../base/bytes.ts";
import type { RestoredValue } from "./effect.ts";
import { noteEncoding } from "./hash-encoding.ts";
import { HashValue } from "./hash-value.ts";
import type { Keyspace } from "./keyspace.ts";

type RestoredHash = Extract<RestoredValue, { readonly type: "hash" | "fields" }>;

export function restoredHash(value: RestoredHash, keyspace: Keyspace): HashValue {
  const { pairs } = value;
  assert(pairs.length > 0, "a hash holds something");
  const hash = new HashValue();
  hash.setAll(pairs, keyspace);
  if (value.type === "hash") {
    noteEncoding(hash, pairs, keyspace.encodingLimits);
    return hash;
  }
  if (value.isLarge) hash.becomeLarge();
  const { expiriesMs } = value;
  for (let index = 0; index < expiriesMs.length; index += 1) {
    if (expiriesMs[index] === 0) continue;
    hash.setExpiry(toBinaryString(pairs[2 * index]), expiriesMs[index], keyspace);
  }
  return hash;
}

/** `hash` if pairs tell everything. */
export function flatHash(hash: HashValue): RestoredHash {
  const pairs = hash.flatPairs();
  if (!hash.isLarge && hash.expiringCount === 0) return { type: "hash", pairs };
  const expiriesMs: number[] = [];
  for (let index = 0; hash.expiringCount > 0 && index < pairs.length; index += 2) {
    expiriesMs.push(hash.expiryMsOf(toBinaryString(pairs[index])));
  }
  return { type: "fields", pairs, isLarge: hash.isLarge, expiriesMs };
}
