/**
 * DEBUG RELOAD: another keyspace is filled from the log, or from the flat forms of all values where
 * the log keeps no records, and takes the place of the present one. Until then that one serves
 * those who do not get LOADING, and if anything fails it stays.
 */
import { assert, must } from "../base/assert.ts";
import { ByteReader } from "../base/byte-reader.ts";
import { ByteWriter } from "../base/byte-writer.ts";
import { type Effect, EffectId } from "../keyspace/effect.ts";
import { decodeEffect, encodeEffect } from "../keyspace/effect-codec.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { flatValue } from "../keyspace/restored-value.ts";
import type { EngineParts } from "./engine-parts.ts";

/** To be called while nothing else may write. */
export async function reloadKeyspace(
  parts: Pick<EngineParts, "keyspace" | "sink" | "readBack">,
): Promise<void> {
  const { keyspace, sink, readBack } = parts;
  // A MULTI that asks for it ends first, and hands in what it wrote.
  await Promise.resolve();
  await sink.drain();
  const twin = keyspace.emptyTwin();
  if (readBack === undefined) copyFlat(keyspace, twin);
  else {
    const sequence = await readBack(twin);
    assert(sequence === sink.durableSequence, "all that is durable was read back");
    assert(sequence >= sink.appliedSequence, "nothing was written while the log was read back");
  }
  assert(keyspace.indexDefinitions.size === 0, "an index would lose its vectors");
  keyspace.adopt(twin);
}

/** Each value crosses as the bytes of an effect, as a record of the log would have it. */
function copyFlat(from: Keyspace, to: Keyspace): void {
  for (const [database, store] of from.databases.entries()) {
    for (const key of store.keys()) {
      const entry = must(store.get(key), "a key that was just met");
      const { expiryMs, lastAccessMs } = entry;
      const value = flatValue(entry.value);
      to.apply(copied({ id: EffectId.keyRestore, database, key, value, expiryMs }), lastAccessMs);
    }
  }
}

function copied(effect: Effect): Effect {
  const writer = new ByteWriter();
  encodeEffect(writer, effect);
  return decodeEffect(new ByteReader(writer.written()));
}
