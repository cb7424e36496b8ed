/**
 * apply: the only code that mutates a keyspace, in serving and in recovery alike.
 *
 * - It is deterministic and total: an effect that does not fit the state (a pop of a missing list)
 *   is our own fault and asserts; commands emit only effects that fit.
 * - It keeps sizes, orders and the record's tag in step, and tells the listeners.
 * - Bytes that somebody else may hold are never written in place (`string-value.ts`): held replies
 *   and effects refer to them.
 */
import { assert, unreachable } from "../base/assert.ts";
import { toBuffer } from "../base/bytes.ts";
import { applyHashDelete, applyHashFieldExpiry, applyHashSet } from "./apply-hash.ts";
import {
  applyListInsert,
  applyListPop,
  applyListPush,
  applyListRemove,
  applyListSet,
  applyListTrim,
} from "./apply-list.ts";
import { applyLoadEffect } from "./apply-load.ts";
import { applySetEffect } from "./apply-set.ts";
import { applySortedSetEffect } from "./apply-sorted-set.ts";
import { applyStreamEffect } from "./apply-stream.ts";
import { applyStringAppend, applyStringSetRange, applyStringSplice } from "./apply-string.ts";
import type { Effect, KeyRestore } from "./effect.ts";
import { EffectId } from "./effect.ts";
import { isStreamEffect } from "./effect-stream.ts";
import type { Keyspace } from "./keyspace.ts";
import { notify, putEntry, putString, removeEntry } from "./placement.ts";
import { restoredValue } from "./restored-value.ts";

export function applyEffect(keyspace: Keyspace, effect: Effect, nowMs: number): void {
  switch (effect.id) {
    case EffectId.stringSet:
      putString(keyspace, effect.database, effect.key, effect.value, effect.expiryMs, nowMs);
      return;
    case EffectId.keyDelete:
      removeEntry(keyspace, effect.database, effect.key);
      return;
    case EffectId.expirySet:
      applyExpiry(keyspace, effect.database, effect.key, effect.expiryMs);
      return;
    case EffectId.stringAppend:
      applyStringAppend(keyspace, effect, nowMs);
      return;
    case EffectId.stringSetRange:
      applyStringSetRange(keyspace, effect, nowMs);
      return;
    case EffectId.stringSplice:
      applyStringSplice(keyspace, effect, nowMs);
      return;
    case EffectId.keyRestore:
    case EffectId.keyLoad:
    case EffectId.keyExtend:
      if (effect.id === EffectId.keyRestore) applyRestore(keyspace, effect, nowMs);
      else applyLoadEffect(keyspace, effect, nowMs);
      return;
    case EffectId.hashSet:
    case EffectId.hashUpdate:
      applyHashSet(keyspace, effect, nowMs);
      return;
    case EffectId.hashDelete:
      applyHashDelete(keyspace, effect);
      return;
    case EffectId.hashFieldExpiry:
      applyHashFieldExpiry(keyspace, effect);
      return;
    case EffectId.listPushLeft:
    case EffectId.listPushRight:
      applyListPush(keyspace, effect, nowMs);
      return;
    case EffectId.listPopLeft:
    case EffectId.listPopRight:
      applyListPop(keyspace, effect);
      return;
    case EffectId.listSet:
      applyListSet(keyspace, effect);
      return;
    case EffectId.listInsert:
      applyListInsert(keyspace, effect);
      return;
    case EffectId.listRemove:
      applyListRemove(keyspace, effect);
      return;
    case EffectId.listTrim:
      applyListTrim(keyspace, effect);
      return;
    case EffectId.setAdd:
    case EffectId.setRemove:
      applySetEffect(keyspace, effect, nowMs);
      return;
    case EffectId.sortedSetAdd:
    case EffectId.sortedSetRemove:
    case EffectId.sortedSetRemoveRange:
      applySortedSetEffect(keyspace, effect, nowMs);
      return;
    default:
      if (isStreamEffect(effect)) applyStreamEffect(keyspace, effect, nowMs);
      else applyGlobal(keyspace, effect);
  }
}

function applyGlobal(keyspace: Keyspace, effect: Exclude<Effect, { readonly key: string }>): void {
  switch (effect.id) {
    case EffectId.databaseFlush:
      flush(keyspace, effect.database);
      for (const listener of keyspace.listeners) listener.databaseFlushed(effect.database);
      return;
    case EffectId.allFlush:
      for (let database = 0; database < keyspace.databases.length; database += 1) {
        flush(keyspace, database);
      }
      for (const listener of keyspace.listeners) listener.databaseFlushed(-1);
      return;
    case EffectId.databaseSwap: {
      const { database, other } = effect;
      const moved = keyspace.databases[database];
      keyspace.databases[database] = keyspace.databases[other];
      keyspace.databases[other] = moved;
      for (const listener of keyspace.listeners) listener.databasesSwapped(database, other);
      return;
    }
    case EffectId.indexCreate: {
      const definition = toBuffer(effect.definition);
      keyspace.indexDefinitions.set(effect.name, definition);
      for (const listener of keyspace.listeners) listener.indexCreated(effect.name, definition);
      return;
    }
    case EffectId.indexDrop:
      keyspace.indexDefinitions.delete(effect.name);
      for (const listener of keyspace.listeners) listener.indexDropped(effect.name);
      return;
    case EffectId.indexSeal:
      for (const listener of keyspace.listeners) listener.indexSealed(effect.name);
      return;
    case EffectId.indexBackfill: {
      const { name, keys, left } = effect;
      for (const listener of keyspace.listeners) listener.indexBackfilled(name, keys, left);
      return;
    }
    default:
      unreachable(effect);
  }
}

const NO_FIELDS: readonly string[] = [];

function applyExpiry(keyspace: Keyspace, database: number, key: string, expiryMs: number): void {
  const store = keyspace.databases[database];
  const location = store.find(key);
  assert(location !== 0, "the key of an expiry exists");
  store.setExpiry(location, expiryMs);
  store.setTag(location, keyspace.tag);
  notify(keyspace, database, key, NO_FIELDS);
}

function applyRestore(keyspace: Keyspace, effect: KeyRestore, nowMs: number): void {
  const value = restoredValue(effect.value, keyspace);
  putEntry(keyspace, effect.database, effect.key, value, effect.expiryMs, nowMs);
}

function flush(keyspace: Keyspace, database: number): void {
  keyspace.databases[database].clear();
  // Indexes cover database 0 and go with its flush, as in RediSearch (`search/indexer.ts`).
  if (database === 0) keyspace.indexDefinitions.clear();
}
