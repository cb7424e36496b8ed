/**
 * Effects on sorted sets.
 */
import { assert } from "../base/assert.ts";
import { type SortedSetEffect, SortedSetEffectId } from "./effect-sorted-set.ts";
import type { Keyspace } from "./keyspace.ts";
import { changed, putEntry } from "./placement.ts";
import { SortedSetValue } from "./sorted-set-value.ts";

export function applySortedSetEffect(
  keyspace: Keyspace,
  effect: SortedSetEffect,
  nowMs: number,
): void {
  const { database, key } = effect;
  const store = keyspace.databases[database];
  const location = store.find(key);
  const set = location === 0 ? new SortedSetValue() : store.valueAt(location);
  assert(set.type === "zset", "the key of a sorted set's effect holds one");
  assert(effect.id === SortedSetEffectId.sortedSetAdd, "others are not there yet");
  for (let index = 0; index < effect.members.length; index += 1) {
    set.scores.set(effect.members[index], effect.scores[index]);
  }
  if (location === 0) putEntry(keyspace, database, key, set, 0, nowMs);
  else changed(keyspace, database, key, 0, null);
}
