/**
 * Effects on streams. A stream stays when it is empty; only a removal of its key removes it.
 */
import { assert, unreachable } from "../base/assert.ts";
import type {
  StreamAdd,
  StreamDelete,
  StreamEffect,
  StreamGroupEffect,
  StreamGroupSet,
} from "./effect-stream.ts";
import { StreamEffectId } from "./effect-stream.ts";
import type { Keyspace } from "./keyspace.ts";
import { changed, putEntry } from "./placement.ts";
import { StreamGroup } from "./stream-group.ts";
import { StreamValue } from "./stream-value.ts";

export function applyStreamEffect(keyspace: Keyspace, effect: StreamEffect, nowMs: number): void {
  const { database, key } = effect;
  const store = keyspace.databases[database];
  const location = store.find(key);
  if (location === 0) {
    const stream = new StreamValue();
    const isMade =
      effect.id === StreamEffectId.streamAdd || effect.id === StreamEffectId.streamGroupCreate;
    assert(isMade, "the key of an effect on a stream holds one");
    applyTo(stream, effect);
    putEntry(keyspace, database, key, stream, 0, nowMs);
    return;
  }
  const stream = store.valueAt(location);
  assert(stream.type === "stream", "the key of an effect on a stream holds one");
  const before = stream.costBytes;
  applyTo(stream, effect);
  const fields = isNewsToWaiters(effect) ? null : NO_FIELDS;
  changed(keyspace, database, key, stream, before, fields);
}

/** Who waits for the stream is tried again at an entry, and when a group goes; as in Redis. */
function isNewsToWaiters({ id }: StreamEffect): boolean {
  return id === StreamEffectId.streamAdd || id === StreamEffectId.streamGroupDestroy;
}

const NO_FIELDS: readonly string[] = [];

function applyTo(stream: StreamValue, effect: StreamEffect): void {
  switch (effect.id) {
    case StreamEffectId.streamAdd:
      add(stream, effect);
      return;
    case StreamEffectId.streamDelete:
      deleteEntries(stream, effect);
      return;
    case StreamEffectId.streamTrim:
      stream.entries.trim(effect.blockCount, effect.entryCount);
      return;
    case StreamEffectId.streamSetId:
      assert(effect.lastId >= stream.entries.lastId(), "a stream's last id is behind its entries");
      stream.lastId = effect.lastId;
      stream.entriesAdded = effect.entriesAdded;
      stream.maxDeletedId = effect.maxDeletedId;
      return;
    case StreamEffectId.streamGroupCreate:
    case StreamEffectId.streamGroupSetId:
      setGroup(stream, effect);
      return;
    default:
      applyToGroup(stream, effect);
  }
}

function add(stream: StreamValue, effect: StreamAdd): void {
  assert(effect.streamId > stream.lastId, "ids of a stream ascend");
  assert(effect.pairs.length > 0, "an entry of a stream has a field");
  stream.entries.append(effect.streamId, effect.pairs, effect.isNewBlock);
  stream.lastId = effect.streamId;
  stream.entriesAdded += 1;
}

function deleteEntries(stream: StreamValue, effect: StreamDelete): void {
  for (const id of effect.ids) {
    assert(stream.entries.delete(id), "an entry that is deleted is there");
    if (id > stream.maxDeletedId) stream.maxDeletedId = id;
  }
}

function setGroup(stream: StreamValue, effect: StreamGroupSet): void {
  const group = stream.group(effect.group);
  const isThere = group !== undefined;
  assert(isThere === (effect.id === StreamEffectId.streamGroupSetId), "a group is made once");
  if (group === undefined) {
    stream.addGroup(new StreamGroup(effect.group, effect.lastId, effect.entriesRead));
    return;
  }
  group.lastId = effect.lastId;
  group.entriesRead = effect.entriesRead;
}

function applyToGroup(stream: StreamValue, effect: StreamGroupEffect): void {
  const group = stream.group(effect.group);
  assert(group !== undefined, "the group of an effect is there");
  if (effect.id === StreamEffectId.streamGroupDestroy) {
    stream.removeGroup(group);
    return;
  }
  const before = group.costBytes;
  changeGroup(group, effect);
  stream.groupBytes += group.costBytes - before;
}

function changeGroup(
  group: StreamGroup,
  effect: Exclude<StreamGroupEffect, { id: typeof StreamEffectId.streamGroupDestroy }>,
): void {
  switch (effect.id) {
    case StreamEffectId.streamAcknowledge:
      for (const id of effect.ids) group.acknowledge(id);
      return;
    case StreamEffectId.streamConsumerSet: {
      const consumer = group.consumer(effect.consumer);
      consumer.seenMs = effect.seenMs;
      consumer.activeMs = effect.activeMs;
      return;
    }
    case StreamEffectId.streamConsumerDelete:
      group.removeConsumer(effect.consumer);
      return;
    case StreamEffectId.streamDeliver: {
      const consumer = group.consumer(effect.consumer);
      consumer.seenMs = effect.nowMs;
      if (effect.ids.length > 0) consumer.activeMs = effect.nowMs;
      group.lastId = effect.lastId;
      group.entriesRead = effect.entriesRead;
      for (const id of effect.ids) group.pend(id, consumer, effect.nowMs, 1);
      return;
    }
    case StreamEffectId.streamClaim: {
      const { ids, deliveryCounts, deliveredMs } = effect;
      const consumer = group.consumer(effect.consumer);
      consumer.seenMs = effect.seenMs;
      consumer.activeMs = effect.activeMs;
      for (let index = 0; index < ids.length; index += 1) {
        group.pend(ids[index], consumer, deliveredMs, deliveryCounts[index]);
      }
      return;
    }
    default:
      unreachable(effect);
  }
}
