/**
 * What `apply` takes on trust, because commands looked before they made an effect: asked of effects
 * that come as bytes, from the log or a snapshot. Everything else apply asserts by itself.
 */
import { assert } from "../base/assert.ts";
import { ID_MIN, type StreamId } from "../data/stream-id.ts";
import { StreamReader } from "../data/stream-reader.ts";
import { type Effect, EffectId } from "./effect.ts";
import type { StreamImage } from "./effect-stream-image.ts";
import type { Value } from "./entry.ts";
import type { Keyspace } from "./keyspace.ts";
import type { StreamValue } from "./stream-value.ts";

/** Asserts that the effect fits what is there. Its database is there. */
export function checkFits(keyspace: Keyspace, effect: Effect): void {
  if (effect.id === EffectId.setAdd) {
    checkNew(keyspace.peek(effect.database, effect.key)?.value, effect.members);
    return;
  }
  if (effect.id !== EffectId.keyExtend) return;
  const present = keyspace.peek(effect.database, effect.key)?.value;
  const { value } = effect;
  if (value.type === "set") checkNew(present, value.members);
  else if (value.type === "stream" && present?.type === "stream") checkNext(present, value.image);
}

/** A small set would hold a member twice; a large one finds it by itself. */
function checkNew(present: Value | undefined, members: readonly string[]): void {
  if (present?.type !== "set" || !present.isSmall) return;
  for (const member of members) assert(!present.has(member), "a member that is added is new");
}

function checkNext(stream: StreamValue, { blocks, lastId }: StreamImage): void {
  const last = newestId(stream);
  const isBehind = blocks.length === 0 || blocks[0].id > last;
  assert(isBehind && lastId >= last, "a stream's next part is behind the one before");
}

/** Deleted ones too; 0-0 if there was none. */
function newestId(stream: StreamValue): StreamId {
  const block = stream.entries.blocks.last();
  if (block === undefined) return ID_MIN;
  const reader = new StreamReader(block);
  reader.toLast();
  return reader.id();
}
