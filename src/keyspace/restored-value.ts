/**
 * Whole values, between an effect's flat form and the keyspace's structures.
 */
import { assert, unreachable } from "../base/assert.ts";
import { type Bytes, canonicalBytes } from "../base/bytes.ts";
import type { RestoredValue } from "./effect.ts";
import type { Value } from "./entry.ts";
import type { Keyspace } from "./keyspace.ts";
import { ListValue } from "./list-value.ts";
import { flatHash, restoredHash } from "./restored-hash.ts";
import { SetValue } from "./set-value.ts";
import { SortedSetValue } from "./sorted-set-value.ts";
import { streamImage, streamImageSize, streamOf } from "./stream-image.ts";
import { StringValue } from "./string-value.ts";

/** Its hash key, its limits and where it releases to are the keyspace's. */
export function restoredValue(value: RestoredValue, keyspace: Keyspace): Value {
  switch (value.type) {
    case "string":
      return new StringValue(canonicalBytes(value.value));
    case "hash":
    case "fields":
      return restoredHash(value, keyspace);
    case "list":
      return ListValue.of(value.values, keyspace.encodingLimits);
    case "set": {
      const set = new SetValue();
      set.fill(value.members, keyspace.hashKey, keyspace.encodingLimits);
      return set;
    }
    case "zset": {
      assert(value.members.length > 0, "a sorted set holds something");
      const set = new SortedSetValue();
      set.setAll(value.members, value.scores, keyspace.hashKey, keyspace.encodingLimits);
      return set;
    }
    case "stream":
      return streamOf(value.image);
    default:
      return unreachable(value);
  }
}

/** The flat form of a value, for RENAME, COPY and MOVE. */
export function flatValue(value: Value): RestoredValue {
  switch (value.type) {
    case "string":
      return { type: "string", value: value.bytes };
    case "hash":
      return flatHash(value);
    case "list":
      return { type: "list", values: value.slice(0, value.length) };
    case "set":
      return { type: "set", members: [...value] };
    case "zset":
      return { type: "zset", ...value.flat() };
    case "stream":
      return { type: "stream", image: streamImage(value) };
    default:
      return unreachable(value);
  }
}

/** What each part of a flat form takes in an effect besides its bytes. */
const FRAME_BYTES = 4;

/** Bytes of the flat form. */
export function restoredSize(value: RestoredValue): number {
  switch (value.type) {
    case "string":
      return value.value.length;
    case "hash":
      return bytesSize(value.pairs);
    case "fields":
      return bytesSize(value.pairs) + value.expiriesMs.length * 8;
    case "list":
      return bytesSize(value.values);
    case "set":
      return stringsSize(value.members);
    case "zset":
      return stringsSize(value.members) + value.members.length * 8;
    case "stream":
      return streamImageSize(value.image);
    default:
      return unreachable(value);
  }
}

/** No less than what `restoredSize` will say of the value's flat form. */
export function flatSizeMax(value: Value): number {
  if (value.type !== "list") return value.costBytes;
  return value.textBytesMax + value.length * FRAME_BYTES;
}

/** Of one string among those of a flat form. */
export function stringSize(text: string): number {
  return FRAME_BYTES + text.length;
}

export function stringsSize(texts: readonly string[]): number {
  let sizeBytes = texts.length * FRAME_BYTES;
  for (let index = 0; index < texts.length; index += 1) sizeBytes += texts[index].length;
  return sizeBytes;
}

export function bytesSize(values: readonly Bytes[]): number {
  let sizeBytes = values.length * FRAME_BYTES;
  for (let index = 0; index < values.length; index += 1) sizeBytes += values[index].length;
  return sizeBytes;
}
