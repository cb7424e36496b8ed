/**
 * Effects on strings. Appending is amortised: an append to a long string writes into spare room
 * behind the stored view, which no earlier view can see, so nothing is written in place.
 */
import { assert } from "../base/assert.ts";
import { type Bytes, canonicalBytes, SHORT_BYTES_MAX, toBuffer } from "../base/bytes.ts";
import type { StringAppend, StringSetRange } from "./effect.ts";
import type { Keyspace } from "./keyspace.ts";
import { bytesCost } from "./memory.ts";
import { notify, putEntry, resize } from "./placement.ts";

/** Spare room behind appended strings: the memory that a view's end owns, by backing store. */
const spareEnds = new WeakMap<ArrayBufferLike, number>();

export function replaceValue(
  keyspace: Keyspace,
  database: number,
  key: string,
  value: Bytes,
  expiryMs: number,
  nowMs: number,
): void {
  const before = keyspace.databases[database].entries.get(key)?.value;
  if (before?.type === "string") {
    // The value object is the entry's own, so the next string can have it.
    before.bytes = value;
    putEntry(keyspace, database, key, before, expiryMs, nowMs);
  } else putEntry(keyspace, database, key, { type: "string", bytes: value }, expiryMs, nowMs);
}

export function applyStringAppend(keyspace: Keyspace, effect: StringAppend, nowMs: number): void {
  const { database, key, value } = effect;
  const entry = keyspace.databases[database].entries.get(key);
  if (entry === undefined) {
    replaceValue(keyspace, database, key, canonicalBytes(value), 0, nowMs);
    return;
  }
  assert(entry.value.type === "string", "the key of an append holds a string");
  const before = entry.value.bytes;
  const after = joined(before, value);
  entry.value.bytes = after;
  resize(keyspace, entry, bytesCost(after) - bytesCost(before));
  notify(keyspace, database, key, null);
}

export function applyStringSetRange(
  keyspace: Keyspace,
  effect: StringSetRange,
  nowMs: number,
): void {
  const { database, key, offset, value } = effect;
  const entry = keyspace.databases[database].entries.get(key);
  const before = entry === undefined ? "" : stringOf(entry.value);
  const byteCount = Math.max(before.length, offset + value.length);
  const bytes = Buffer.alloc(byteCount);
  toBuffer(before).copy(bytes);
  toBuffer(value).copy(bytes, offset);
  const after = canonicalBytes(bytes);
  if (entry === undefined) {
    replaceValue(keyspace, database, key, after, 0, nowMs);
    return;
  }
  entry.value = { type: "string", bytes: after };
  resize(keyspace, entry, bytesCost(after) - bytesCost(before));
  notify(keyspace, database, key, null);
}

function stringOf(value: { readonly type: string; readonly bytes?: Bytes }): Bytes {
  assert(value.type === "string" && value.bytes !== undefined, "the key holds a string");
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
