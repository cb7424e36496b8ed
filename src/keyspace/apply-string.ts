/**
 * Effects on strings. Appending is amortised: an append to a long string writes into spare room
 * behind the stored view, which no earlier view can see, so nothing is written in place.
 */
import { assert } from "../base/assert.ts";
import { type Bytes, canonicalBytes, SHORT_BYTES_MAX, toBuffer } from "../base/bytes.ts";
import type { StringAppend, StringSetRange } from "./effect.ts";
import type { Value } from "./entry.ts";
import type { Keyspace } from "./keyspace.ts";
import { putString } from "./placement.ts";

/** Spare room behind appended strings: the memory that a view's end owns, by backing store. */
const spareEnds = new WeakMap<ArrayBufferLike, number>();

export function applyStringAppend(keyspace: Keyspace, effect: StringAppend, nowMs: number): void {
  const { database, key, value } = effect;
  const store = keyspace.databases[database];
  const location = store.find(key);
  if (location === 0) {
    putString(keyspace, database, key, canonicalBytes(value), 0, nowMs);
    return;
  }
  const after = joined(stringOf(store.valueAt(location)), value);
  putString(keyspace, database, key, after, store.expiryMsAt(location), nowMs);
}

export function applyStringSetRange(
  keyspace: Keyspace,
  effect: StringSetRange,
  nowMs: number,
): void {
  const { database, key, offset, value } = effect;
  const entry = keyspace.databases[database].get(key);
  const before = entry === undefined ? "" : stringOf(entry.value);
  const byteCount = Math.max(before.length, offset + value.length);
  const bytes = Buffer.alloc(byteCount);
  toBuffer(before).copy(bytes);
  toBuffer(value).copy(bytes, offset);
  const after = canonicalBytes(bytes);
  putString(keyspace, database, key, after, entry?.expiryMs ?? 0, nowMs);
}

function stringOf(value: Value): Bytes {
  assert(value.type === "string", "the key of a string's effect holds a string");
  return value.bytes;
}

function joined(before: Bytes, more: Bytes): Bytes {
  const byteCount = before.length + more.length;
  if (byteCount <= SHORT_BYTES_MAX) return canonicalBytes(before) + String(canonicalBytes(more));
  const head = toBuffer(before);
  const start = head.byteOffset;
  const end = start + head.length;
  if (spareEnds.get(head.buffer) === end && head.buffer.byteLength - start >= byteCount) {
    const whole = Buffer.from(head.buffer, start, byteCount);
    toBuffer(more).copy(whole, head.length);
    spareEnds.set(head.buffer, start + byteCount);
    return whole;
  }
  const room = Buffer.allocUnsafeSlow(Math.min(byteCount * 2, byteCount + 1024 * 1024));
  head.copy(room, 0);
  toBuffer(more).copy(room, head.length);
  spareEnds.set(room.buffer, byteCount);
  return room.subarray(0, byteCount);
}
