/**
 * Effects on hashes.
 */
import { assert } from "../base/assert.ts";
import { toBinaryString } from "../base/bytes.ts";
import type { HashDelete, HashSet } from "./effect.ts";
import { HASH_LISTPACK_ENTRIES_MAX, isLargeField } from "./encoding-bounds.ts";
import { HashValue } from "./hash-value.ts";
import type { Keyspace } from "./keyspace.ts";
import { changed, putEntry, removeEntry } from "./placement.ts";

export function applyHashSet(keyspace: Keyspace, effect: HashSet, nowMs: number): void {
  const { database, key, pairs } = effect;
  const store = keyspace.databases[database];
  const location = store.find(key);
  if (location === 0) {
    const hash = new HashValue();
    hash.setAll(pairs, keyspace.released);
    noteBounds(hash, pairs);
    putEntry(keyspace, database, key, hash, 0, nowMs);
    return;
  }
  const hash = store.valueAt(location);
  assert(hash.type === "hash", "the key of a hash effect holds a hash");
  const before = hash.costBytes;
  hash.setAll(pairs, keyspace.released);
  noteBounds(hash, pairs);
  changed(keyspace, database, key, hash.costBytes - before, fieldNames(pairs));
}

export function applyHashDelete(keyspace: Keyspace, effect: HashDelete): void {
  const { database, key, fields } = effect;
  const store = keyspace.databases[database];
  const location = store.find(key);
  const hash = location === 0 ? undefined : store.valueAt(location);
  assert(hash?.type === "hash", "the key of a hash effect holds a hash");
  const before = hash.costBytes;
  for (const field of fields) {
    hash.delete(field, keyspace.released);
    hash.order?.remove(field);
  }
  store.resize(hash.costBytes - before);
  if (hash.size === 0) removeEntry(keyspace, database, key);
  else changed(keyspace, database, key, 0, fields);
}

/** What was set may have taken the hash past the listpack bounds; its order learns of it. */
function noteBounds(hash: HashValue, pairs: HashSet["pairs"]): void {
  for (let index = 0; index < pairs.length; index += 2) {
    const field = toBinaryString(pairs[index]);
    hash.order?.add(field);
    if (isLargeField(field, pairs[index + 1])) hash.isLarge = true;
  }
  if (!hash.isLarge && hash.size > HASH_LISTPACK_ENTRIES_MAX) hash.isLarge = true;
}

function fieldNames(pairs: HashSet["pairs"]): string[] {
  const names: string[] = [];
  for (let index = 0; index < pairs.length; index += 2) names.push(toBinaryString(pairs[index]));
  return names;
}
