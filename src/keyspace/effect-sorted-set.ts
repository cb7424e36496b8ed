/**
 * Effects on sorted sets (`effect.ts` has the rules and the ids), with their bytes:
 *   sortedSetAdd: u32 count, then score f64 and member bytes, each
 *   sortedSetRemove: u32 count and members; sortedSetRemoveRange: start u32, count u32
 */
import type { ByteReader } from "../base/byte-reader.ts";
import type { ByteWriter } from "../base/byte-writer.ts";
import { decodeScored, decodeStrings, encodeList, encodeScored } from "./effect-parts.ts";

export const SortedSetEffectId = {
  sortedSetAdd: 40,
  sortedSetRemove: 41,
  sortedSetRemoveRange: 42,
} as const;

/** Sets these members' scores, whether they are there or not. Creates the sorted set. No NaN. */
export interface SortedSetAdd {
  readonly id: typeof SortedSetEffectId.sortedSetAdd;
  readonly database: number;
  readonly key: string;
  readonly members: readonly string[];
  /** As long as `members`. */
  readonly scores: readonly number[];
}

/** Members that are there; the key goes with the last. */
export interface SortedSetRemove {
  readonly id: typeof SortedSetEffectId.sortedSetRemove;
  readonly database: number;
  readonly key: string;
  readonly members: readonly string[];
}

/** `count` members from rank `start` on, all of them there: pops, and removals by range. */
export interface SortedSetRemoveRange {
  readonly id: typeof SortedSetEffectId.sortedSetRemoveRange;
  readonly database: number;
  readonly key: string;
  readonly start: number;
  readonly count: number;
}

export type SortedSetEffect = SortedSetAdd | SortedSetRemove | SortedSetRemoveRange;

export function encodeSortedSetEffect(writer: ByteWriter, effect: SortedSetEffect): void {
  switch (effect.id) {
    case SortedSetEffectId.sortedSetAdd:
      encodeScored(writer, effect);
      return;
    case SortedSetEffectId.sortedSetRemove:
      encodeList(writer, effect.members);
      return;
    default:
      writer.u32(effect.start);
      writer.u32(effect.count);
  }
}

export function decodeSortedSetEffect(
  reader: ByteReader,
  id: SortedSetEffect["id"],
  database: number,
  key: string,
): SortedSetEffect {
  switch (id) {
    case SortedSetEffectId.sortedSetAdd:
      return { id, database, key, ...decodeScored(reader) };
    case SortedSetEffectId.sortedSetRemove:
      return { id, database, key, members: decodeStrings(reader) };
    default:
      return { id, database, key, start: reader.u32(), count: reader.u32() };
  }
}
