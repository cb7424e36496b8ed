/**
 * Effects that bring values back from a snapshot (`effect-load.ts`).
 */
import { assert } from "../base/assert.ts";
import { canonicalBytes, toBinaryString } from "../base/bytes.ts";
import type { RestoredValue } from "./effect.ts";
import { type KeyExtend, type KeyLoad, type LoadEffect, LoadEffectId } from "./effect-load.ts";
import { setEncodingMark } from "./encoding-mark.ts";
import type { CollectionValue } from "./entry.ts";
import type { HashValue } from "./hash-value.ts";
import type { Keyspace } from "./keyspace.ts";
import { changed, putEntry, putString } from "./placement.ts";
import { restoredValue } from "./restored-value.ts";
import { extendStream } from "./stream-image.ts";

export function applyLoadEffect(keyspace: Keyspace, effect: LoadEffect, nowMs: number): void {
  if (effect.id === LoadEffectId.keyLoad) applyKeyLoad(keyspace, effect, nowMs);
  else applyKeyExtend(keyspace, effect);
}

function applyKeyLoad(keyspace: Keyspace, effect: KeyLoad, nowMs: number): void {
  const { database, key, value, encodingMark, expiryMs } = effect;
  if (value.type === "string") {
    const bytes = canonicalBytes(value.value);
    putString(keyspace, database, key, bytes, expiryMs, nowMs, encodingMark !== 0);
    return;
  }
  const made = restoredValue(value, keyspace);
  assert(made.type !== "string", "a collection's flat form makes one");
  setEncodingMark(made, encodingMark);
  putEntry(keyspace, database, key, made, expiryMs, nowMs);
}

function applyKeyExtend(keyspace: Keyspace, effect: KeyExtend): void {
  const { database, key, value, encodingMark } = effect;
  const store = keyspace.databases[database];
  const location = store.find(key);
  assert(location !== 0, "a value that is extended is there");
  const present = store.valueAt(location);
  const costBefore = present.costBytes;
  if (present.type === "string") {
    assert(value.type === "string" && present.isLong, "a string's next part is one's");
    present.overwrite(present.length, value.value);
  } else {
    extend(keyspace, present, value);
    setEncodingMark(present, encodingMark);
    const isExpiring = present.type === "hash" && present.expiringCount > 0;
    if (isExpiring) store.noteFieldExpiry(key, present);
  }
  changed(keyspace, database, key, present, costBefore, null);
}

function extend(keyspace: Keyspace, present: CollectionValue, more: RestoredValue): void {
  const { hashKey, encodingLimits } = keyspace;
  switch (present.type) {
    case "hash":
      assert(more.type === "hash" || more.type === "fields", "a hash's next part is one's");
      extendHash(keyspace, present, more);
      return;
    case "list":
      assert(more.type === "list", "a list's next part is one's");
      present.push(more.values, false);
      return;
    case "set":
      assert(more.type === "set", "a set's next part is one's");
      present.add(more.members, hashKey, encodingLimits);
      return;
    case "zset":
      assert(more.type === "zset", "a sorted set's next part is one's");
      present.setAll(more.members, more.scores, hashKey, encodingLimits);
      return;
    default:
      assert(more.type === "stream", "a stream's next part is one's");
      extendStream(present, more.image);
  }
}

function extendHash(
  keyspace: Keyspace,
  hash: HashValue,
  more: Extract<RestoredValue, { readonly type: "hash" | "fields" }>,
): void {
  hash.setAll(more.pairs, keyspace);
  if (more.type === "hash") return;
  const { pairs, expiriesMs } = more;
  for (let index = 0; index < expiriesMs.length; index += 1) {
    if (expiriesMs[index] === 0) continue;
    hash.setExpiry(toBinaryString(pairs[2 * index]), expiriesMs[index], keyspace);
  }
}
