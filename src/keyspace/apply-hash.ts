/**
 * Effects on hashes.
 */
import { assert } from "../base/assert.ts";
import { toBinaryString } from "../base/bytes.ts";
import type { HashDelete, HashSet } from "./effect.ts";
import { HASH_LISTPACK_ENTRIES_MAX, isLargeField } from "./encoding-bounds.ts";
import { HashValue } from "./hash-value.ts";
import type { Keyspace } from "./keyspace.ts";
import { bytesCost, fieldCost, heldCost } from "./memory.ts";
import { changed, putEntry, removeEntry } from "./placement.ts";

export function applyHashSet(keyspace: Keyspace, effect: HashSet, nowMs: number): void {
  const { database, key, pairs } = effect;
  const store = keyspace.databases[database];
  const location = store.find(key);
  if (location === 0) {
    const hash = new HashValue();
    setFields(keyspace, hash, pairs);
    putEntry(keyspace, database, key, hash, 0, nowMs);
    return;
  }
  const hash = store.valueAt(location);
  assert(hash.type === "hash", "the key of a hash effect holds a hash");
  changed(keyspace, database, key, setFields(keyspace, hash, pairs), fieldNames(pairs));
}

export function applyHashDelete(keyspace: Keyspace, effect: HashDelete): void {
  const { database, key, fields } = effect;
  const hash = keyspace.databases[database].get(key)?.value;
  assert(hash?.type === "hash", "the key of a hash effect holds a hash");
  let freedBytes = 0;
  for (const field of fields) {
    const value = hash.held(field);
    if (value === undefined) continue;
    hash.delete(field, keyspace.released);
    hash.order?.remove(field);
    freedBytes += fieldCost(field, value);
  }
  if (hash.size === 0) removeEntry(keyspace, database, key);
  else changed(keyspace, database, key, -freedBytes, fields);
}

/** What the fields add to the size. */
function setFields(keyspace: Keyspace, hash: HashValue, pairs: HashSet["pairs"]): number {
  let addedBytes = 0;
  for (let index = 0; index < pairs.length; index += 2) {
    const field = toBinaryString(pairs[index]);
    const value = pairs[index + 1];
    const before = hash.held(field);
    addedBytes +=
      before === undefined ? fieldCost(field, value) : bytesCost(value) - heldCost(before);
    hash.set(field, value, keyspace.released);
    if (before === undefined) hash.order?.add(field);
    if (isLargeField(field, value)) hash.isLarge = true;
  }
  if (hash.size > HASH_LISTPACK_ENTRIES_MAX) hash.isLarge = true;
  return addedBytes;
}

function fieldNames(pairs: HashSet["pairs"]): string[] {
  const names: string[] = [];
  for (let index = 0; index < pairs.length; index += 2) names.push(toBinaryString(pairs[index]));
  return names;
}
