/**
 * Effects on sets.
 */
import { assert } from "../base/assert.ts";
import type { SetEffect } from "./effect-set.ts";
import { SetEffectId } from "./effect-set.ts";
import type { Keyspace } from "./keyspace.ts";
import { changed, putEntry, removeEntry } from "./placement.ts";
import { SetValue } from "./set-value.ts";

export function applySetEffect(keyspace: Keyspace, effect: SetEffect, nowMs: number): void {
  const { database, key, members } = effect;
  const store = keyspace.databases[database];
  const location = store.find(key);
  const set = location === 0 ? new SetValue() : store.valueAt(location);
  assert(set.type === "set", "the key of a set's effect holds a set");
  if (effect.id === SetEffectId.setAdd) {
    for (const member of members) set.members.add(member);
    if (location === 0) putEntry(keyspace, database, key, set, 0, nowMs);
    else changed(keyspace, database, key, 0, null);
    return;
  }
  for (const member of members) set.members.delete(member);
  if (set.members.size === 0) removeEntry(keyspace, database, key);
  else changed(keyspace, database, key, 0, null);
}
