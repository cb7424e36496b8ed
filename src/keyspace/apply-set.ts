/**
 * Effects on sets. A set that becomes empty is removed.
 */
import { assert } from "../base/assert.ts";
import type { SetEffect } from "./effect-set.ts";
import { SetEffectId } from "./effect-set.ts";
import type { Keyspace } from "./keyspace.ts";
import { changed, putEntry, removeEmptied } from "./placement.ts";
import { SetValue } from "./set-value.ts";

export function applySetEffect(keyspace: Keyspace, effect: SetEffect, nowMs: number): void {
  const { database, key, members } = effect;
  assert(members.length > 0, "a set holds something");
  const store = keyspace.databases[database];
  const location = store.find(key);
  if (location === 0) {
    assert(effect.id === SetEffectId.setAdd, "a set that loses members is there");
    const made = new SetValue();
    made.add(members, keyspace.hashKey, keyspace.encodingLimits);
    putEntry(keyspace, database, key, made, 0, nowMs);
    return;
  }
  const set = store.valueAt(location);
  assert(set.type === "set", "the key of a set's effect holds a set");
  const before = set.costBytes;
  if (effect.id === SetEffectId.setAdd) {
    set.add(members, keyspace.hashKey, keyspace.encodingLimits);
  } else set.remove(members);
  if (set.size > 0) changed(keyspace, database, key, set, before, null);
  else removeEmptied(keyspace, database, key, set, before);
}
