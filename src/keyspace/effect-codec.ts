/**
 * Effects as bytes. All numbers little endian; `bytes` is a u32 length and the bytes.
 *
 *   effect  = u8 id, then by id, in the order of the interface's members in `effect.ts`:
 *             database u8, key bytes, expiryMs u64, index/offset/count/left u32, value bytes,
 *             values/pairs/fields/keys: u32 count and so many bytes; indexes: u32 count, u32 each
 *   keyDelete's reason: u8 (0 deleted, 1 expired, 2 evicted)
 *   keyRestore's value: u8 type (RestoredType), then bytes, or u32 count and bytes; so keyLoad's
 *   and keyExtend's, followed by their u8 encodingMark
 *   stringSplice's splices: in `effect-parts.ts`; sets, sorted sets and streams: in their files
 * Decoding trusts nothing: what cannot be is a MalformedBytes that names the place.
 */
import { unreachable } from "../base/assert.ts";
import type { ByteReader } from "../base/byte-reader.ts";
import type { ByteWriter } from "../base/byte-writer.ts";
import type {
  Effect,
  GlobalEffect,
  KeyDelete,
  KeyEffect,
  RestoredValue,
  StringAppend,
  StringSet,
  StringSetRange,
  StringSplice,
} from "./effect.ts";
import { EffectId } from "./effect.ts";
import { decodeHashEffect, encodeHashEffect } from "./effect-hash.ts";
import type { LoadEffect } from "./effect-load.ts";
import {
  decodeFields,
  decodeList,
  decodeMembers,
  decodePairs,
  decodeScored,
  decodeSplices,
  decodeStrings,
  encodeFields,
  encodeList,
  encodeScored,
  encodeSplices,
} from "./effect-parts.ts";
import { decodeSetEffect, encodeSetEffect } from "./effect-set.ts";
import { decodeSortedSetEffect, encodeSortedSetEffect } from "./effect-sorted-set.ts";
import {
  decodeStreamEffect,
  encodeStreamEffect,
  isStreamEffect,
  isStreamEffectId,
} from "./effect-stream.ts";
import { decodeStreamImage, encodeStreamImage } from "./effect-stream-image.ts";
import { encodingMarkMax } from "./encoding-mark.ts";

const REASONS: readonly KeyDelete["reason"][] = ["deleted", "expired", "evicted"];
const RestoredType = {
  string: 1,
  hash: 2,
  list: 3,
  set: 4,
  zset: 5,
  stream: 6,
  fields: 10,
} as const;

export function encodeEffect(writer: ByteWriter, effect: Effect): void {
  writer.u8(effect.id);
  if (effect.id >= EffectId.databaseFlush) encodeGlobal(writer, effect as GlobalEffect);
  else encodeKeyed(writer, effect as KeyEffect);
}

function encodeKeyed(writer: ByteWriter, effect: KeyEffect): void {
  writer.u8(effect.database);
  writer.bytes(effect.key);
  switch (effect.id) {
    case EffectId.stringSet:
    case EffectId.stringAppend:
    case EffectId.stringSetRange:
    case EffectId.stringSplice:
      encodeStringEffect(writer, effect);
      return;
    case EffectId.keyDelete:
      writer.u8(REASONS.indexOf(effect.reason));
      return;
    case EffectId.expirySet:
      writer.count(effect.expiryMs);
      return;
    case EffectId.keyRestore:
      encodeRestored(writer, effect.value);
      writer.count(effect.expiryMs);
      return;
    case EffectId.keyLoad:
    case EffectId.keyExtend:
      encodeLoad(writer, effect);
      return;
    case EffectId.hashSet:
      encodeList(writer, effect.pairs);
      return;
    case EffectId.hashDelete:
      encodeList(writer, effect.fields);
      return;
    case EffectId.hashUpdate:
    case EffectId.hashFieldExpiry:
      encodeHashEffect(writer, effect);
      return;
    case EffectId.listPushLeft:
    case EffectId.listPushRight:
      encodeList(writer, effect.values);
      return;
    case EffectId.listPopLeft:
    case EffectId.listPopRight:
      writer.u32(effect.count);
      return;
    case EffectId.listSet:
    case EffectId.listInsert:
      writer.u32(effect.index);
      writer.bytes(effect.value);
      return;
    case EffectId.listRemove:
      writer.u32(effect.indexes.length);
      for (const index of effect.indexes) writer.u32(index);
      return;
    case EffectId.listTrim:
      writer.u32(effect.start);
      writer.u32(effect.count);
      return;
    case EffectId.setAdd:
    case EffectId.setRemove:
      encodeSetEffect(writer, effect);
      return;
    case EffectId.sortedSetAdd:
    case EffectId.sortedSetRemove:
    case EffectId.sortedSetRemoveRange:
      encodeSortedSetEffect(writer, effect);
      return;
    default:
      if (isStreamEffect(effect)) encodeStreamEffect(writer, effect);
      else unreachable(effect);
  }
}

function encodeLoad(writer: ByteWriter, effect: LoadEffect): void {
  encodeRestored(writer, effect.value);
  writer.u8(effect.encodingMark);
  if (effect.id === EffectId.keyLoad) writer.count(effect.expiryMs);
}

function encodeStringEffect(
  writer: ByteWriter,
  effect: StringSet | StringAppend | StringSetRange | StringSplice,
): void {
  switch (effect.id) {
    case EffectId.stringSet:
      writer.bytes(effect.value);
      writer.count(effect.expiryMs);
      return;
    case EffectId.stringAppend:
      writer.bytes(effect.value);
      return;
    case EffectId.stringSetRange:
      writer.u32(effect.offset);
      writer.bytes(effect.value);
      return;
    default:
      encodeSplices(writer, effect.splices);
  }
}

function encodeGlobal(writer: ByteWriter, effect: GlobalEffect): void {
  switch (effect.id) {
    case EffectId.databaseFlush:
      writer.u8(effect.database);
      return;
    case EffectId.allFlush:
      return;
    case EffectId.databaseSwap:
      writer.u8(effect.database);
      writer.u8(effect.other);
      return;
    case EffectId.indexCreate:
      writer.bytes(effect.name);
      writer.bytes(effect.definition);
      return;
    case EffectId.indexDrop:
    case EffectId.indexSeal:
      writer.bytes(effect.name);
      return;
    case EffectId.indexBackfill:
      writer.bytes(effect.name);
      writer.u32(effect.left);
      encodeList(writer, effect.keys);
      return;
    default:
      unreachable(effect);
  }
}

export function decodeEffect(reader: ByteReader): Effect {
  const id = reader.u8();
  if (id >= EffectId.databaseFlush) return decodeGlobalEffect(reader, id);
  return decodeKeyEffect(reader, id, reader.u8(), reader.binaryString());
}

export function decodeKeyEffect(
  reader: ByteReader,
  id: number,
  database: number,
  key: string,
): Effect {
  switch (id) {
    case EffectId.stringSet:
      return { id, database, key, value: reader.bytes(), expiryMs: reader.count() };
    case EffectId.keyDelete: {
      const reason = REASONS[reader.u8()];
      return { id, database, key, reason: reason ?? reader.fail("no such reason of a removal") };
    }
    case EffectId.expirySet:
      return { id, database, key, expiryMs: reader.count() };
    case EffectId.stringAppend:
      return { id, database, key, value: reader.bytes() };
    case EffectId.stringSetRange:
      return { id, database, key, offset: reader.u32(), value: reader.bytes() };
    case EffectId.keyRestore:
      return { id, database, key, value: decodeRestored(reader), expiryMs: reader.count() };
    case EffectId.keyLoad: {
      const value = decodeRestored(reader);
      const encodingMark = decodeMark(reader, value);
      return { id, database, key, value, encodingMark, expiryMs: reader.count() };
    }
    case EffectId.keyExtend: {
      const value = decodeRestored(reader);
      return { id, database, key, value, encodingMark: decodeMark(reader, value) };
    }
    case EffectId.stringSplice:
      return { id, database, key, splices: decodeSplices(reader) };
    case EffectId.hashSet:
      return { id, database, key, pairs: decodePairs(reader) };
    case EffectId.hashDelete:
      return { id, database, key, fields: decodeStrings(reader) };
    case EffectId.hashUpdate:
    case EffectId.hashFieldExpiry:
      return decodeHashEffect(reader, id, database, key);
    case EffectId.listPushLeft:
    case EffectId.listPushRight:
      return { id, database, key, values: decodeList(reader) };
    case EffectId.listPopLeft:
    case EffectId.listPopRight:
      return { id, database, key, count: reader.u32() };
    case EffectId.listSet:
    case EffectId.listInsert:
      return { id, database, key, index: reader.u32(), value: reader.bytes() };
    case EffectId.listRemove: {
      const indexes = new Array<number>(reader.itemCount(4));
      for (let index = 0; index < indexes.length; index += 1) indexes[index] = reader.u32();
      return { id, database, key, indexes };
    }
    case EffectId.listTrim:
      return { id, database, key, start: reader.u32(), count: reader.u32() };
    case EffectId.setAdd:
    case EffectId.setRemove:
      return decodeSetEffect(reader, id, database, key);
    case EffectId.sortedSetAdd:
    case EffectId.sortedSetRemove:
    case EffectId.sortedSetRemoveRange:
      return decodeSortedSetEffect(reader, id, database, key);
    default:
      if (isStreamEffectId(id)) return decodeStreamEffect(reader, id, database, key);
      return reader.fail(`effect ${id} is not known`);
  }
}

export function decodeGlobalEffect(reader: ByteReader, id: number): Effect {
  switch (id) {
    case EffectId.databaseFlush:
      return { id, database: reader.u8() };
    case EffectId.allFlush:
      return { id };
    case EffectId.databaseSwap:
      return { id, database: reader.u8(), other: reader.u8() };
    case EffectId.indexCreate:
      return { id, name: reader.binaryString(), definition: reader.bytes() };
    case EffectId.indexDrop:
    case EffectId.indexSeal:
      return { id, name: reader.binaryString() };
    case EffectId.indexBackfill: {
      const name = reader.binaryString();
      return { id, name, left: reader.u32(), keys: decodeStrings(reader) };
    }
    default:
      return reader.fail(`effect ${id} is not known`);
  }
}

function encodeRestored(writer: ByteWriter, value: RestoredValue): void {
  writer.u8(RestoredType[value.type]);
  switch (value.type) {
    case "string":
      writer.bytes(value.value);
      return;
    case "hash":
      encodeList(writer, value.pairs);
      return;
    case "fields":
      encodeFields(writer, value);
      return;
    case "list":
      encodeList(writer, value.values);
      return;
    case "set":
      encodeList(writer, value.members);
      return;
    case "zset":
      encodeScored(writer, value);
      return;
    case "stream":
      encodeStreamImage(writer, value.image);
      return;
    default:
      unreachable(value);
  }
}

function decodeRestored(reader: ByteReader): RestoredValue {
  const type = reader.u8();
  if (type === RestoredType.string) return { type: "string", value: reader.bytes() };
  if (type === RestoredType.hash) return { type: "hash", pairs: decodePairs(reader) };
  if (type === RestoredType.fields) return { type: "fields", ...decodeFields(reader) };
  if (type === RestoredType.list) return { type: "list", values: decodeList(reader) };
  if (type === RestoredType.set) return { type: "set", members: decodeMembers(reader) };
  if (type === RestoredType.zset) return { type: "zset", ...decodeScored(reader) };
  if (type === RestoredType.stream) return { type: "stream", image: decodeStreamImage(reader) };
  return reader.fail(`value type ${type} is not known`);
}

function decodeMark(reader: ByteReader, value: RestoredValue): number {
  const mark = reader.u8();
  return mark > encodingMarkMax(value) ? reader.fail("no such encoding") : mark;
}
