/**
 * The effects of a record's payload, one after the other, for whoever looks at a log. What cannot
 * be decoded is said where it stands.
 */
import { ByteReader, MalformedBytes } from "../base/byte-reader.ts";
import type { Effect } from "../keyspace/effect.ts";
import { decodeEffect } from "../keyspace/effect-codec.ts";

export interface VisitedEffects {
  readonly unitCount: number;
  readonly effectCount: number;
  /** Why the rest cannot be understood. */
  readonly problem: string | undefined;
}

export function visitEffects(
  payload: Buffer,
  visit: (effect: Effect, unit: number) => void,
): VisitedEffects {
  const reader = new ByteReader(payload);
  let unitCount = 0;
  let effectCount = 0;
  try {
    while (reader.remaining > 0) {
      const left = reader.u32();
      unitCount += 1;
      for (let index = 0; index < left; index += 1) {
        visit(decodeEffect(reader), unitCount);
        effectCount += 1;
      }
    }
  } catch (failure) {
    if (!(failure instanceof MalformedBytes)) throw failure;
    return { unitCount, effectCount, problem: failure.message };
  }
  return { unitCount, effectCount, problem: undefined };
}

/** How one effect names its key; undefined for those of whole databases and indexes. */
export function keyOf(effect: Effect): string | undefined {
  return "key" in effect ? effect.key : undefined;
}
