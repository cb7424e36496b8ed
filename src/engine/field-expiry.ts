/**
 * The expiry of hash fields: which have passed is known exactly (`data/deadlines.ts`), so nothing
 * is looked at in vain. The expiry cycle and searches remove them; lookups do so for their own key.
 */
import type { Database } from "../keyspace/database.ts";
import { type Effect, EffectId } from "../keyspace/effect.ts";
import type { HashValue } from "../keyspace/hash-value.ts";

/** Fields of one effect; between two the clock may be looked at. */
const EXPIRED_AT_ONCE_MAX = 64;

export interface PassedFields {
  /** Removes them. */
  readonly effect: Effect;
  readonly fieldCount: number;
}

/** Of the hash whose field passed first in this database; undefined if none has. */
export function firstPassedFields(
  databases: readonly Database[],
  database: number,
  nowMs: number,
): PassedFields | undefined {
  const store = databases[database];
  if (store.earliestFieldExpiryMs >= nowMs) return undefined;
  const key = store.earliestFieldExpiryKey;
  const hash = store.get(key)?.value;
  if (hash?.type !== "hash") return undefined;
  return passedFieldsOf(database, key, hash, nowMs, EXPIRED_AT_ONCE_MAX);
}

/** At most so many; but if all have passed, the key goes, however large it is. */
export function passedFieldsOf(
  database: number,
  key: string,
  hash: HashValue,
  nowMs: number,
  countMax: number,
): PassedFields {
  if (!hash.hasLiveField(nowMs)) {
    const effect = { id: EffectId.keyDelete, database, key, reason: "expired" } as const;
    return { effect, fieldCount: hash.size };
  }
  const fields = hash.passedFields(nowMs, countMax);
  return { effect: { id: EffectId.hashDelete, database, key, fields }, fieldCount: fields.length };
}
