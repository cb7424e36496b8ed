/**
 * Effects on hashes. A hash that becomes empty is removed; the database knows which hashes have
 * fields that expire, and when the first of each does.
 */
import { assert } from "../base/assert.ts";
import { toBinaryString } from "../base/bytes.ts";
import type { HashDelete, HashSet } from "./effect.ts";
import { EffectId } from "./effect.ts";
import type { HashFieldExpiry, HashUpdate } from "./effect-hash.ts";
import { noteEncoding } from "./hash-encoding.ts";
import { HashValue } from "./hash-value.ts";
import type { Keyspace } from "./keyspace.ts";
import { changed, putEntry, removeEmptied } from "./placement.ts";

export function applyHashSet(
  keyspace: Keyspace,
  effect: HashSet | HashUpdate,
  nowMs: number,
): void {
  const { database, key, pairs } = effect;
  assert(pairs.length > 0, "a hash holds something");
  const store = keyspace.databases[database];
  const location = store.find(key);
  if (location === 0) {
    const hash = new HashValue();
    hash.setAll(pairs, keyspace);
    noteEncoding(hash, pairs, keyspace.encodingLimits);
    putEntry(keyspace, database, key, hash, 0, nowMs);
    return;
  }
  const hash = store.valueAt(location);
  assert(hash.type === "hash", "the key of a hash effect holds a hash");
  const before = hash.costBytes;
  const fields = fieldNames(pairs);
  hash.setAll(pairs, keyspace);
  noteEncoding(hash, pairs, keyspace.encodingLimits);
  if (hash.expiringCount > 0 && effect.id === EffectId.hashSet) {
    for (const field of fields) hash.setExpiry(field, 0, keyspace);
    store.noteFieldExpiry(key, hash);
  }
  changed(keyspace, database, key, hash, before, fields);
}

export function applyHashDelete(keyspace: Keyspace, effect: HashDelete): void {
  const { database, key, fields } = effect;
  const hash = existing(keyspace, database, key);
  const store = keyspace.databases[database];
  const before = hash.costBytes;
  const isExpiring = hash.expiringCount > 0;
  for (const field of fields) hash.delete(field, keyspace);
  if (isExpiring) store.noteFieldExpiry(key, hash);
  if (hash.size === 0) removeEmptied(keyspace, database, key, hash, before);
  else changed(keyspace, database, key, hash, before, fields);
}

export function applyHashFieldExpiry(keyspace: Keyspace, effect: HashFieldExpiry): void {
  const { database, key, fields, expiryMs } = effect;
  const hash = existing(keyspace, database, key);
  const before = hash.costBytes;
  for (const field of fields) {
    assert(hash.has(field), "the field of an expiry exists");
    hash.setExpiry(field, expiryMs, keyspace);
  }
  keyspace.databases[database].noteFieldExpiry(key, hash);
  changed(keyspace, database, key, hash, before, NO_FIELDS);
}

const NO_FIELDS: readonly string[] = [];

function existing(keyspace: Keyspace, database: number, key: string): HashValue {
  const store = keyspace.databases[database];
  const location = store.find(key);
  const hash = location === 0 ? undefined : store.valueAt(location);
  assert(hash?.type === "hash", "the key of a hash effect holds a hash");
  return hash;
}

function fieldNames(pairs: HashSet["pairs"]): string[] {
  const names: string[] = [];
  for (let index = 0; index < pairs.length; index += 2) names.push(toBinaryString(pairs[index]));
  return names;
}
