/**
 * Effects on lists. A list that becomes empty is removed.
 */
import { assert } from "../base/assert.ts";
import type { Bytes } from "../base/bytes.ts";
import type { ListInsert, ListPop, ListPush, ListRemove, ListSet, ListTrim } from "./effect.ts";
import { EffectId } from "./effect.ts";
import type { Keyspace } from "./keyspace.ts";
import { ListValue } from "./list-value.ts";
import { elementCost } from "./memory.ts";
import { changed, putEntry, removeEntry } from "./placement.ts";

export function applyListPush(keyspace: Keyspace, effect: ListPush, nowMs: number): void {
  const { database, key, values } = effect;
  const isNew = keyspace.databases[database].find(key) === 0;
  const list = isNew ? new ListValue() : existing(keyspace, database, key);
  let addedBytes = 0;
  for (const value of values) {
    if (effect.id === EffectId.listPushLeft) list.values.pushLeft(value);
    else list.values.pushRight(value);
    addedBytes += elementCost(value);
  }
  list.costBytes += addedBytes;
  if (isNew) putEntry(keyspace, database, key, list, 0, nowMs);
  else changed(keyspace, database, key, addedBytes, null);
}

export function applyListPop(keyspace: Keyspace, effect: ListPop): void {
  const list = existing(keyspace, effect.database, effect.key);
  const { values } = list;
  let freedBytes = 0;
  for (let left = effect.count; left > 0; left -= 1) {
    const value = effect.id === EffectId.listPopLeft ? values.popLeft() : values.popRight();
    assert(value !== undefined, "a pop takes what is there");
    freedBytes += elementCost(value);
  }
  shrank(keyspace, effect.database, effect.key, list, freedBytes);
}

export function applyListSet(keyspace: Keyspace, effect: ListSet): void {
  const list = existing(keyspace, effect.database, effect.key);
  const before = list.values.get(effect.index);
  assert(before !== undefined, "the index of a list effect is inside the list");
  list.values.set(effect.index, effect.value);
  const changeBytes = elementCost(effect.value) - elementCost(before);
  list.costBytes += changeBytes;
  changed(keyspace, effect.database, effect.key, changeBytes, null);
}

export function applyListInsert(keyspace: Keyspace, effect: ListInsert): void {
  const list = existing(keyspace, effect.database, effect.key);
  assert(effect.index >= 0 && effect.index <= list.values.length, "the index is inside the list");
  list.values.insert(effect.index, effect.value);
  const addedBytes = elementCost(effect.value);
  list.costBytes += addedBytes;
  changed(keyspace, effect.database, effect.key, addedBytes, null);
}

export function applyListRemove(keyspace: Keyspace, effect: ListRemove): void {
  const list = existing(keyspace, effect.database, effect.key);
  let freedBytes = 0;
  // From the right, so that the indexes that are left stay true.
  for (let at = effect.indexes.length - 1; at >= 0; at -= 1) {
    const value = list.values.get(effect.indexes[at]);
    assert(value !== undefined, "the index of a list effect is inside the list");
    list.values.removeAt(effect.indexes[at]);
    freedBytes += elementCost(value);
  }
  shrank(keyspace, effect.database, effect.key, list, freedBytes);
}

export function applyListTrim(keyspace: Keyspace, effect: ListTrim): void {
  const list = existing(keyspace, effect.database, effect.key);
  const { values } = list;
  assert(effect.start + effect.count <= values.length, "a trim keeps what is there");
  const fromLeft = effect.count === 0 ? values.length : effect.start;
  let freedBytes = 0;
  for (let left = fromLeft; left > 0; left -= 1) freedBytes += costOf(values.popLeft());
  while (values.length > effect.count) freedBytes += costOf(values.popRight());
  shrank(keyspace, effect.database, effect.key, list, freedBytes);
}

function costOf(value: Bytes | undefined): number {
  assert(value !== undefined, "a list holds as many values as its length says");
  return elementCost(value);
}

function existing(keyspace: Keyspace, database: number, key: string): ListValue {
  const list = keyspace.databases[database].get(key)?.value;
  assert(list?.type === "list", "the key of a list effect holds a list");
  return list;
}

function shrank(
  keyspace: Keyspace,
  database: number,
  key: string,
  list: ListValue,
  freedBytes: number,
): void {
  if (list.values.length === 0) {
    removeEntry(keyspace, database, key);
    return;
  }
  list.costBytes -= freedBytes;
  changed(keyspace, database, key, -freedBytes, null);
}
