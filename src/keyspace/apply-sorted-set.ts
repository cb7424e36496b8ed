/**
 * Effects on sorted sets.
 */
import { assert } from "../base/assert.ts";
import { type SortedSetEffect, SortedSetEffectId } from "./effect-sorted-set.ts";
import type { Keyspace } from "./keyspace.ts";
import { changed, putEntry, removeEmptied } from "./placement.ts";
import { SortedSetValue } from "./sorted-set-value.ts";

export function applySortedSetEffect(
  keyspace: Keyspace,
  effect: SortedSetEffect,
  nowMs: number,
): void {
  const { database, key } = effect;
  const store = keyspace.databases[database];
  const location = store.find(key);
  if (location === 0) {
    const isMade = effect.id === SortedSetEffectId.sortedSetAdd && effect.members.length > 0;
    assert(isMade, "a sorted set that loses members is there");
    const set = new SortedSetValue();
    change(keyspace, set, effect);
    putEntry(keyspace, database, key, set, 0, nowMs);
    return;
  }
  const set = store.valueAt(location);
  assert(set.type === "zset", "the key of a sorted set's effect holds one");
  const before = set.costBytes;
  change(keyspace, set, effect);
  if (set.size > 0) changed(keyspace, database, key, set, before, null);
  else removeEmptied(keyspace, database, key, set, before);
}

function change(keyspace: Keyspace, set: SortedSetValue, effect: SortedSetEffect): void {
  switch (effect.id) {
    case SortedSetEffectId.sortedSetAdd:
      set.setAll(effect.members, effect.scores, keyspace.hashKey, keyspace.encodingLimits);
      return;
    case SortedSetEffectId.sortedSetRemove:
      for (let index = 0; index < effect.members.length; index += 1) {
        assert(set.remove(effect.members[index]), "what is removed is there");
      }
      return;
    default:
      assert(effect.start + effect.count <= set.size, "what is removed is there");
      set.removeRange(effect.start, effect.count);
  }
}
