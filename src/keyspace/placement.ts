/**
 * Entries put, removed and resized, with everything that must stay in step: `usedBytes`, the keys
 * with an expiry, the dense order, and the listeners. Only `apply*.ts` calls these.
 */
import { assert } from "../base/assert.ts";
import { Entry, type Value } from "./entry.ts";
import type { Keyspace } from "./keyspace.ts";
import { entryCost } from "./memory.ts";

/** Puts a new entry in place of whatever is there. */
export function putEntry(
  keyspace: Keyspace,
  database: number,
  key: string,
  value: Value,
  expiryMs: number,
  nowMs: number,
): void {
  const { entries, keysWithExpiry, order } = keyspace.databases[database];
  const sizeBytes = entryCost(key, value, expiryMs);
  const before = entries.get(key);
  if (before === undefined) {
    entries.set(key, new Entry(value, expiryMs, nowMs, sizeBytes));
    order.add(key);
    keyspace.usedBytes += sizeBytes;
    if (expiryMs !== 0) keysWithExpiry.add(key);
  } else {
    keyspace.usedBytes += sizeBytes - before.sizeBytes;
    if (expiryMs !== 0) keysWithExpiry.add(key);
    else if (before.expiryMs !== 0) keysWithExpiry.delete(key);
    before.value = value;
    before.expiryMs = expiryMs;
    before.lastAccessMs = nowMs;
    before.sizeBytes = sizeBytes;
  }
  if (keyspace.listeners.length > 0) notify(keyspace, database, key, null);
}

export function removeEntry(keyspace: Keyspace, database: number, key: string): void {
  const { entries, keysWithExpiry, order } = keyspace.databases[database];
  const entry = entries.get(key);
  assert(entry !== undefined, "the key of a removal exists");
  entries.delete(key);
  order.remove(key);
  if (entry.expiryMs !== 0) keysWithExpiry.delete(key);
  keyspace.usedBytes -= entry.sizeBytes;
  notify(keyspace, database, key, null);
}

/** Accounts for a mutation in place. */
export function resize(keyspace: Keyspace, entry: Entry, changeBytes: number): void {
  entry.sizeBytes += changeBytes;
  keyspace.usedBytes += changeBytes;
}

export function notify(
  keyspace: Keyspace,
  database: number,
  key: string,
  fields: readonly string[] | null,
): void {
  const { listeners } = keyspace;
  if (listeners.length === 0) return;
  const entry = keyspace.databases[database].entries.get(key);
  for (let index = 0; index < listeners.length; index += 1) {
    listeners[index].keyChanged(database, key, entry, fields);
  }
}
