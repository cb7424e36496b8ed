/**
 * Entries put, removed and resized, with everything that must stay in step: the tag of the log
 * record, the time of access, and the listeners. Only `apply*.ts` calls these.
 */
import { assert } from "../base/assert.ts";
import type { Bytes } from "../base/bytes.ts";
import type { Database } from "./database.ts";
import type { Value } from "./entry.ts";
import type { Keyspace } from "./keyspace.ts";

/** Puts a new entry in place of whatever is there. */
export function putEntry(
  keyspace: Keyspace,
  database: number,
  key: string,
  value: Value,
  expiryMs: number,
  nowMs: number,
): void {
  const store = keyspace.databases[database];
  const location = store.put(key, value, expiryMs);
  stamp(keyspace, store, location, nowMs);
  if (keyspace.listeners.length > 0) notify(keyspace, database, key, null);
}

/** The same for a string, without an object around it. */
export function putString(
  keyspace: Keyspace,
  database: number,
  key: string,
  value: Bytes,
  expiryMs: number,
  nowMs: number,
  isRaw = false,
): void {
  const store = keyspace.databases[database];
  const location = store.putString(key, value, expiryMs, isRaw);
  stamp(keyspace, store, location, nowMs);
  if (keyspace.listeners.length > 0) notify(keyspace, database, key, null);
}

export function removeEntry(keyspace: Keyspace, database: number, key: string): void {
  const store = keyspace.databases[database];
  const location = store.find(key);
  assert(location !== 0, "the key of a removal exists");
  store.remove(location);
  notify(keyspace, database, key, null);
}

/** A value that was looked up has been changed, and cost so much before. */
export function changed(
  keyspace: Keyspace,
  database: number,
  key: string,
  value: Value,
  costBefore: number,
  fields: readonly string[] | null,
): void {
  const store = keyspace.databases[database];
  const location = store.rewrite(store.find(key), value, costBefore);
  store.setTag(location, keyspace.tag);
  notify(keyspace, database, key, fields);
}

/** A value that was looked up has lost its last element. */
export function removeEmptied(
  keyspace: Keyspace,
  database: number,
  key: string,
  value: Value,
  costBefore: number,
): void {
  const store = keyspace.databases[database];
  // It leaves with what the keyspace still counts for it.
  store.recount(store.find(key), value, costBefore);
  removeEntry(keyspace, database, key);
}

export function notify(
  keyspace: Keyspace,
  database: number,
  key: string,
  fields: readonly string[] | null,
): void {
  const { listeners } = keyspace;
  for (let index = 0; index < listeners.length; index += 1) {
    listeners[index].keyChanged(database, key, fields);
  }
}

function stamp(keyspace: Keyspace, store: Database, location: number, nowMs: number): void {
  store.setTag(location, keyspace.tag);
  store.setAccess(location, nowMs);
}
