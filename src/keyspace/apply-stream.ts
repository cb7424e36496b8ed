/**
 * Effects on streams.
 */
import { assert } from "../base/assert.ts";
import type { StreamEffect } from "./effect-stream.ts";
import type { Keyspace } from "./keyspace.ts";
import { changed, putEntry } from "./placement.ts";
import { StreamValue } from "./stream-value.ts";

export function applyStreamEffect(keyspace: Keyspace, effect: StreamEffect, nowMs: number): void {
  const { database, key } = effect;
  const store = keyspace.databases[database];
  const location = store.find(key);
  const stream = location === 0 ? new StreamValue() : store.valueAt(location);
  assert(stream.type === "stream", "the key of a stream's effect holds one");
  stream.entries.set(effect.streamId, effect.pairs);
  if (location === 0) putEntry(keyspace, database, key, stream, 0, nowMs);
  else changed(keyspace, database, key, 0, null);
}
