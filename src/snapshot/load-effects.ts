/**
 * The effects that bring one entry back: one for most, and for a value that does not fit one block
 * its first part and then more of it. Nothing is made in one piece that is larger than a block,
 * unless one element is.
 */
import type { Bytes } from "../base/bytes.ts";
import { limits } from "../base/limits.ts";
import { EffectId, type KeyEffect, type RestoredValue } from "../keyspace/effect.ts";
import type { StreamImage } from "../keyspace/effect-stream-image.ts";
import { encodingMarkOf } from "../keyspace/encoding-mark.ts";
import type { Entry, Value } from "../keyspace/entry.ts";
import type { HashValue } from "../keyspace/hash-value.ts";
import { flatSizeMax, flatValue } from "../keyspace/restored-value.ts";
import type { SortedSetValue } from "../keyspace/sorted-set-value.ts";
import type { StreamValue } from "../keyspace/stream-value.ts";
import { streamParts } from "./stream-parts.ts";

/** What each element takes in an effect besides its bytes. */
const FRAME_BYTES = 4;
const SCORE_BYTES = 8;
/** Members of a sorted set that are looked at together. */
const SLICE_COUNT = 512;

/** The entry must not change until the last effect was taken. */
export function* loadEffects(
  database: number,
  key: string,
  entry: Entry,
  partBytes: number = limits.blockBytesTarget,
): IterableIterator<KeyEffect> {
  const { value, expiryMs } = entry;
  const encodingMark = encodingMarkOf(value);
  if (value.type === "string" && value.length <= partBytes) {
    if (encodingMark === 0) {
      yield { id: EffectId.stringSet, database, key, value: value.borrowed, expiryMs };
      return;
    }
  }
  let isFirst = true;
  for (const part of partsOf(value, partBytes)) {
    if (isFirst) yield { id: EffectId.keyLoad, database, key, value: part, encodingMark, expiryMs };
    else yield { id: EffectId.keyExtend, database, key, value: part, encodingMark };
    isFirst = false;
  }
}

function partsOf(value: Value, partBytes: number): Iterable<RestoredValue> {
  if (value.type === "string") return stringParts(value.borrowed, partBytes);
  if (flatSizeMax(value) <= partBytes) return [flatValue(value)];
  switch (value.type) {
    case "list":
      return listParts(value, partBytes);
    case "set":
      return setParts(value, partBytes);
    case "hash":
      return hashParts(value, partBytes);
    case "zset":
      return sortedSetParts(value, partBytes);
    default:
      return imageParts(value, partBytes);
  }
}

function* stringParts(bytes: Bytes, partBytes: number): IterableIterator<RestoredValue> {
  if (typeof bytes === "string" || bytes.length <= partBytes) {
    yield { type: "string", value: bytes };
    return;
  }
  for (let at = 0; at < bytes.length; at += partBytes) {
    yield { type: "string", value: bytes.subarray(at, at + partBytes) };
  }
}

function* listParts(list: Iterable<Bytes>, partBytes: number): IterableIterator<RestoredValue> {
  let values: Bytes[] = [];
  let sizeBytes = 0;
  for (const value of list) {
    values.push(value);
    sizeBytes += value.length + FRAME_BYTES;
    if (sizeBytes < partBytes) continue;
    yield { type: "list", values };
    values = [];
    sizeBytes = 0;
  }
  if (values.length > 0) yield { type: "list", values };
}

function* setParts(set: Iterable<string>, partBytes: number): IterableIterator<RestoredValue> {
  let members: string[] = [];
  let sizeBytes = 0;
  for (const member of set) {
    members.push(member);
    sizeBytes += member.length + FRAME_BYTES;
    if (sizeBytes < partBytes) continue;
    yield { type: "set", members };
    members = [];
    sizeBytes = 0;
  }
  if (members.length > 0) yield { type: "set", members };
}

function* hashParts(hash: HashValue, partBytes: number): IterableIterator<RestoredValue> {
  const { isLarge } = hash;
  const isExpiring = hash.expiringCount > 0;
  let pairs: Bytes[] = [];
  let expiriesMs: number[] = [];
  let sizeBytes = 0;
  const part = (): RestoredValue =>
    isExpiring ? { type: "fields", pairs, isLarge, expiriesMs } : { type: "hash", pairs };
  for (const [field, bytes] of hash) {
    pairs.push(field, bytes);
    if (isExpiring) expiriesMs.push(hash.expiryMsOf(field));
    sizeBytes += field.length + bytes.length + 2 * FRAME_BYTES;
    if (sizeBytes < partBytes) continue;
    yield part();
    pairs = [];
    expiriesMs = [];
    sizeBytes = 0;
  }
  if (pairs.length > 0) yield part();
}

function* sortedSetParts(set: SortedSetValue, partBytes: number): IterableIterator<RestoredValue> {
  let members: string[] = [];
  let scores: number[] = [];
  let sizeBytes = 0;
  for (let rank = 0; rank < set.size; rank += SLICE_COUNT) {
    set.visit(rank, Math.min(SLICE_COUNT, set.size - rank), false, (member, score) => {
      members.push(member);
      scores.push(score);
      sizeBytes += member.length + FRAME_BYTES + SCORE_BYTES;
    });
    if (sizeBytes < partBytes) continue;
    yield { type: "zset", members, scores };
    members = [];
    scores = [];
    sizeBytes = 0;
  }
  if (members.length > 0) yield { type: "zset", members, scores };
}

function* imageParts(stream: StreamValue, partBytes: number): IterableIterator<RestoredValue> {
  for (const image of streamParts(stream, partBytes)) yield wrapped(image);
}

function wrapped(image: StreamImage): RestoredValue {
  return { type: "stream", image };
}
