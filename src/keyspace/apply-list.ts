/**
 * Effects on lists. A list that becomes empty is removed.
 */
import { assert } from "../base/assert.ts";
import type { Bytes } from "../base/bytes.ts";
import type { ListInsert, ListPop, ListPush, ListRemove, ListSet, ListTrim } from "./effect.ts";
import { EffectId } from "./effect.ts";
import type { Keyspace } from "./keyspace.ts";
import { ListValue } from "./list-value.ts";
import { changed, putEntry, removeEmptied } from "./placement.ts";

export function applyListPush(keyspace: Keyspace, effect: ListPush, nowMs: number): void {
  const { database, key, values } = effect;
  const isLeft = effect.id === EffectId.listPushLeft;
  assert(values.length > 0, "a list holds something");
  const store = keyspace.databases[database];
  const location = store.find(key);
  if (location === 0) {
    const created = new ListValue();
    grow(keyspace, created, values, isLeft);
    putEntry(keyspace, database, key, created, 0, nowMs);
    return;
  }
  const list = store.valueAt(location);
  assert(list.type === "list", "the key of a list effect holds a list");
  const before = list.costBytes;
  grow(keyspace, list, values, isLeft);
  changed(keyspace, database, key, list, before, null);
}

export function applyListPop(keyspace: Keyspace, effect: ListPop): void {
  const { database, key, count } = effect;
  const list = existing(keyspace, database, key);
  assert(count <= list.length, "a pop takes what is there");
  const before = list.costBytes;
  list.drop(count, effect.id === EffectId.listPopLeft);
  shrank(keyspace, database, key, list, before);
}

export function applyListSet(keyspace: Keyspace, effect: ListSet): void {
  const { database, key, index, value } = effect;
  const list = existing(keyspace, database, key);
  const before = list.costBytes;
  list.willGrow([value], keyspace.encodingLimits);
  list.set(index, value);
  list.hasShrunk(keyspace.encodingLimits);
  changed(keyspace, database, key, list, before, null);
}

export function applyListInsert(keyspace: Keyspace, effect: ListInsert): void {
  const { database, key, index, value } = effect;
  const list = existing(keyspace, database, key);
  const before = list.costBytes;
  list.willGrow([value], keyspace.encodingLimits);
  list.insert(index, value);
  changed(keyspace, database, key, list, before, null);
}

export function applyListRemove(keyspace: Keyspace, effect: ListRemove): void {
  const { database, key, indexes } = effect;
  const list = existing(keyspace, database, key);
  for (let at = 0; at < indexes.length; at += 1) {
    const next = at + 1 < indexes.length ? indexes[at + 1] : list.length;
    assert(indexes[at] < next, "the indexes of a removal ascend inside the list");
  }
  const before = list.costBytes;
  list.removeAll(indexes);
  shrank(keyspace, database, key, list, before);
}

export function applyListTrim(keyspace: Keyspace, effect: ListTrim): void {
  const { database, key, start, count } = effect;
  const list = existing(keyspace, database, key);
  assert(start + count <= list.length, "a trim keeps what is there");
  const before = list.costBytes;
  list.drop(count === 0 ? list.length : start, true);
  list.drop(list.length - count, false);
  shrank(keyspace, database, key, list, before);
}

function grow(
  keyspace: Keyspace,
  list: ListValue,
  values: readonly Bytes[],
  isLeft: boolean,
): void {
  list.willGrow(values, keyspace.encodingLimits);
  list.push(values, isLeft);
}

function existing(keyspace: Keyspace, database: number, key: string): ListValue {
  const store = keyspace.databases[database];
  const location = store.find(key);
  assert(location !== 0, "the key of a list effect is there");
  const list = store.valueAt(location);
  assert(list.type === "list", "the key of a list effect holds a list");
  return list;
}

function shrank(
  keyspace: Keyspace,
  database: number,
  key: string,
  list: ListValue,
  costBefore: number,
): void {
  if (list.length === 0) {
    removeEmptied(keyspace, database, key, list, costBefore);
    return;
  }
  list.hasShrunk(keyspace.encodingLimits);
  changed(keyspace, database, key, list, costBefore, null);
}
