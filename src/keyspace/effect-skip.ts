/**
 * Passes over effects without making anything of them: whoever reads the log for the keys of some
 * slots meets those of all others, again in each pass. What is rare is decoded and dropped.
 */
import type { ByteReader } from "../base/byte-reader.ts";
import { type Effect, EffectId } from "./effect.ts";
import { decodeGlobalEffect, decodeKeyEffect } from "./effect-codec.ts";

const NUMBER_BYTES = 8;
const COUNT_BYTES = 4;

/** The next effect; undefined if it is of a key that is not wanted. */
export function decodeWanted(
  reader: ByteReader,
  isWanted: (key: string) => boolean,
): Effect | undefined {
  const id = reader.u8();
  if (id >= EffectId.databaseFlush) return decodeGlobalEffect(reader, id);
  const database = reader.u8();
  const key = reader.binaryString();
  if (isWanted(key)) return decodeKeyEffect(reader, id, database, key);
  if (!skip(reader, id)) decodeKeyEffect(reader, id, database, key);
  return undefined;
}

/** Behind the key; false if nothing was skipped. */
function skip(reader: ByteReader, id: number): boolean {
  switch (id) {
    case EffectId.stringSet:
      reader.skipBytes();
      reader.skip(NUMBER_BYTES);
      return true;
    case EffectId.keyDelete:
      reader.skip(1);
      return true;
    case EffectId.expirySet:
      reader.skip(NUMBER_BYTES);
      return true;
    case EffectId.stringAppend:
      reader.skipBytes();
      return true;
    case EffectId.listPopLeft:
    case EffectId.listPopRight:
      reader.skip(COUNT_BYTES);
      return true;
    case EffectId.hashSet:
    case EffectId.hashUpdate:
    case EffectId.hashDelete:
    case EffectId.listPushLeft:
    case EffectId.listPushRight:
    case EffectId.setAdd:
    case EffectId.setRemove:
      skipList(reader, 0);
      return true;
    case EffectId.sortedSetAdd:
      skipList(reader, NUMBER_BYTES);
      return true;
    default:
      return false;
  }
}

/** Each with so many bytes before it. */
function skipList(reader: ByteReader, bytesBefore: number): void {
  for (let left = reader.u32(); left > 0; left -= 1) {
    reader.skip(bytesBefore);
    reader.skipBytes();
  }
}
