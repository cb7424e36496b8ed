/**
 * Effects on lists. A list that becomes empty is removed.
 */
import { assert } from "../base/assert.ts";
import type { Bytes } from "../base/bytes.ts";
import { ChunkedList } from "../data/chunked-list.ts";
import type { ListInsert, ListPop, ListPush, ListRemove, ListSet, ListTrim } from "./effect.ts";
import { EffectId } from "./effect.ts";
import type { Entry, ListValue } from "./entry.ts";
import type { Keyspace } from "./keyspace.ts";
import { elementCost } from "./memory.ts";
import { notify, putEntry, removeEntry, resize } from "./placement.ts";

export function applyListPush(keyspace: Keyspace, effect: ListPush, nowMs: number): void {
  const { database, key, values } = effect;
  let entry = keyspace.databases[database].entries.get(key);
  const isNew = entry === undefined;
  const list: ListValue =
    entry === undefined ? { type: "list", values: new ChunkedList() } : listOf(entry);
  let addedBytes = 0;
  for (const value of values) {
    if (effect.id === EffectId.listPushLeft) list.values.pushLeft(value);
    else list.values.pushRight(value);
    addedBytes += elementCost(value);
  }
  if (isNew) {
    putEntry(keyspace, database, key, list, 0, nowMs);
    return;
  }
  entry = keyspace.databases[database].entries.get(key);
  assert(entry !== undefined, "the list is there");
  resize(keyspace, entry, addedBytes);
  notify(keyspace, database, key, null);
}

export function applyListPop(keyspace: Keyspace, effect: ListPop): void {
  const entry = existing(keyspace, effect.database, effect.key);
  const { values } = listOf(entry);
  let freedBytes = 0;
  for (let left = effect.count; left > 0; left -= 1) {
    const value = effect.id === EffectId.listPopLeft ? values.popLeft() : values.popRight();
    assert(value !== undefined, "a pop takes what is there");
    freedBytes += elementCost(value);
  }
  shrank(keyspace, effect.database, effect.key, entry, freedBytes);
}

export function applyListSet(keyspace: Keyspace, effect: ListSet): void {
  const entry = existing(keyspace, effect.database, effect.key);
  const list = listOf(entry);
  const before = list.values.get(effect.index);
  assert(before !== undefined, "the index of a list effect is inside the list");
  list.values.set(effect.index, effect.value);
  resize(keyspace, entry, elementCost(effect.value) - elementCost(before));
  notify(keyspace, effect.database, effect.key, null);
}

export function applyListInsert(keyspace: Keyspace, effect: ListInsert): void {
  const entry = existing(keyspace, effect.database, effect.key);
  const list = listOf(entry);
  assert(effect.index >= 0 && effect.index <= list.values.length, "the index is inside the list");
  list.values.insert(effect.index, effect.value);
  resize(keyspace, entry, elementCost(effect.value));
  notify(keyspace, effect.database, effect.key, null);
}

export function applyListRemove(keyspace: Keyspace, effect: ListRemove): void {
  const entry = existing(keyspace, effect.database, effect.key);
  const list = listOf(entry);
  let freedBytes = 0;
  // From the right, so that the indexes that are left stay true.
  for (let at = effect.indexes.length - 1; at >= 0; at -= 1) {
    const value = list.values.get(effect.indexes[at]);
    assert(value !== undefined, "the index of a list effect is inside the list");
    list.values.removeAt(effect.indexes[at]);
    freedBytes += elementCost(value);
  }
  shrank(keyspace, effect.database, effect.key, entry, freedBytes);
}

export function applyListTrim(keyspace: Keyspace, effect: ListTrim): void {
  const entry = existing(keyspace, effect.database, effect.key);
  const { values } = listOf(entry);
  assert(effect.start + effect.count <= values.length, "a trim keeps what is there");
  const fromLeft = effect.count === 0 ? values.length : effect.start;
  let freedBytes = 0;
  for (let left = fromLeft; left > 0; left -= 1) freedBytes += costOf(values.popLeft());
  while (values.length > effect.count) freedBytes += costOf(values.popRight());
  shrank(keyspace, effect.database, effect.key, entry, freedBytes);
}

function costOf(value: Bytes | undefined): number {
  assert(value !== undefined, "a list holds as many values as its length says");
  return elementCost(value);
}

function existing(keyspace: Keyspace, database: number, key: string): Entry {
  const entry = keyspace.databases[database].entries.get(key);
  assert(entry !== undefined, "the key of a list effect exists");
  return entry;
}

function listOf(entry: Entry): ListValue {
  assert(entry.value.type === "list", "the key of a list effect holds a list");
  return entry.value;
}

function shrank(
  keyspace: Keyspace,
  database: number,
  key: string,
  entry: Entry,
  freedBytes: number,
): void {
  resize(keyspace, entry, -freedBytes);
  if (listOf(entry).values.length === 0) removeEntry(keyspace, database, key);
  else notify(keyspace, database, key, null);
}
