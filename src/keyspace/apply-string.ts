/**
 * Effects on strings. A long string is changed in place (`string-value.ts`); a short one, which
 * lives in the database's arena, is built anew.
 */
import { assert } from "../base/assert.ts";
import { type Bytes, canonicalBytes, SHORT_BYTES_MAX, toBinaryString } from "../base/bytes.ts";
import { limits } from "../base/limits.ts";
import type { StringAppend, StringSetRange, StringSplice } from "./effect.ts";
import type { Keyspace } from "./keyspace.ts";
import { changed, putEntry, putString } from "./placement.ts";
import { StringValue } from "./string-value.ts";

export function applyStringAppend(keyspace: Keyspace, effect: StringAppend, nowMs: number): void {
  const { database, key, value } = effect;
  const before = stringAt(keyspace, database, key);
  if (before === undefined) putString(keyspace, database, key, canonicalBytes(value), 0, nowMs);
  else overwrite(keyspace, database, key, before, before.length, value, nowMs);
}

export function applyStringSetRange(
  keyspace: Keyspace,
  effect: StringSetRange,
  nowMs: number,
): void {
  const { database, key, offset, value } = effect;
  const before = stringAt(keyspace, database, key) ?? new StringValue("");
  overwrite(keyspace, database, key, before, offset, value, nowMs);
}

export function applyStringSplice(keyspace: Keyspace, effect: StringSplice, nowMs: number): void {
  const { database, key, splices } = effect;
  const string = stringAt(keyspace, database, key);
  assert(string !== undefined, "the key of a splice exists");
  let byteCount = string.length;
  for (const { removedCount, value } of splices) byteCount += value.length - removedCount;
  assert(byteCount <= limits.bulkBytesMax, "a string stays within its limit");
  if (string.isLong && byteCount > SHORT_BYTES_MAX) {
    const costBefore = string.costBytes;
    for (const { offset, removedCount, value } of splices) {
      string.splice(offset, removedCount, value);
    }
    changed(keyspace, database, key, string, costBefore, null);
    return;
  }
  let text = toBinaryString(string.borrowed);
  for (const { offset, removedCount, value } of splices) {
    assert(offset + removedCount <= text.length, "a splice is inside the string");
    text = text.slice(0, offset) + toBinaryString(value) + text.slice(offset + removedCount);
  }
  put(keyspace, database, key, text, nowMs);
}

function overwrite(
  keyspace: Keyspace,
  database: number,
  key: string,
  before: StringValue,
  offset: number,
  value: Bytes,
  nowMs: number,
): void {
  const end = offset + value.length;
  assert(end <= limits.bulkBytesMax, "a string stays within its limit");
  if (before.isLong) {
    const costBefore = before.costBytes;
    before.overwrite(offset, value);
    changed(keyspace, database, key, before, costBefore, null);
    return;
  }
  const text = toBinaryString(before.borrowed);
  if (Math.max(text.length, end) <= SHORT_BYTES_MAX) {
    const head = text.slice(0, offset).padEnd(offset, "\0");
    put(keyspace, database, key, head + toBinaryString(value) + text.slice(end), nowMs);
    return;
  }
  const long = new StringValue(text, true);
  long.overwrite(offset, value);
  putEntry(keyspace, database, key, long, expiryMsOf(keyspace, database, key), nowMs);
}

function put(keyspace: Keyspace, database: number, key: string, text: string, nowMs: number): void {
  const expiryMs = expiryMsOf(keyspace, database, key);
  putString(keyspace, database, key, canonicalBytes(text), expiryMs, nowMs, true);
}

function expiryMsOf(keyspace: Keyspace, database: number, key: string): number {
  const store = keyspace.databases[database];
  const location = store.find(key);
  return location === 0 ? 0 : store.expiryMsAt(location);
}

function stringAt(keyspace: Keyspace, database: number, key: string): StringValue | undefined {
  const store = keyspace.databases[database];
  const location = store.find(key);
  if (location === 0) return undefined;
  const value = store.valueAt(location);
  assert(value.type === "string", "the key of a string's effect holds a string");
  return value;
}
