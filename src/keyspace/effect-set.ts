/**
 * Effects on sets (`effect.ts` has the rules and the ids), with their bytes.
 */
import type { ByteReader } from "../base/byte-reader.ts";
import type { ByteWriter } from "../base/byte-writer.ts";
import { decodeMembers, encodeList } from "./effect-parts.ts";

export const SetEffectId = {
  setAdd: 30,
  setRemove: 31,
} as const;

/** Members that are not there yet, in this order. Creates the set. */
export interface SetAdd {
  readonly id: typeof SetEffectId.setAdd;
  readonly database: number;
  readonly key: string;
  readonly members: readonly string[];
}

/** Members that are there; the key goes with the last. */
export interface SetRemove {
  readonly id: typeof SetEffectId.setRemove;
  readonly database: number;
  readonly key: string;
  readonly members: readonly string[];
}

export type SetEffect = SetAdd | SetRemove;

export function encodeSetEffect(writer: ByteWriter, effect: SetEffect): void {
  encodeList(writer, effect.members);
}

export function decodeSetEffect(
  reader: ByteReader,
  id: SetEffect["id"],
  database: number,
  key: string,
): SetEffect {
  return { id, database, key, members: decodeMembers(reader) };
}
