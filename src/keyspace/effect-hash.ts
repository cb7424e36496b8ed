/**
 * Effects on hashes that came with the expiry of fields (`effect.ts` has the rules, the ids, and
 * the older two), with their bytes. `hashSet` removes the expiry of the fields that it sets.
 */
import type { ByteReader } from "../base/byte-reader.ts";
import type { ByteWriter } from "../base/byte-writer.ts";
import type { Bytes } from "../base/bytes.ts";
import { decodePairs, decodeStrings, encodeList } from "./effect-parts.ts";

export const HashEffectId = {
  hashUpdate: 12,
  hashFieldExpiry: 13,
} as const;

/** As `hashSet`, but the fields keep their expiry (HINCRBY, HSETEX with KEEPTTL). */
export interface HashUpdate {
  readonly id: typeof HashEffectId.hashUpdate;
  readonly database: number;
  readonly key: string;
  readonly pairs: readonly Bytes[];
}

/** Of fields that exist; `expiryMs` is absolute, 0 removes it. */
export interface HashFieldExpiry {
  readonly id: typeof HashEffectId.hashFieldExpiry;
  readonly database: number;
  readonly key: string;
  readonly expiryMs: number;
  readonly fields: readonly string[];
}

export type HashEffect = HashUpdate | HashFieldExpiry;

export function encodeHashEffect(writer: ByteWriter, effect: HashEffect): void {
  if (effect.id === HashEffectId.hashUpdate) {
    encodeList(writer, effect.pairs);
    return;
  }
  writer.count(effect.expiryMs);
  encodeList(writer, effect.fields);
}

export function decodeHashEffect(
  reader: ByteReader,
  id: HashEffect["id"],
  database: number,
  key: string,
): HashEffect {
  if (id === HashEffectId.hashUpdate) return { id, database, key, pairs: decodePairs(reader) };
  return { id, database, key, expiryMs: reader.count(), fields: decodeStrings(reader) };
}
