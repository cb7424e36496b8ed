/**
 * The expiry of hash fields: which have passed is known exactly (`data/deadlines.ts`), so nothing
 * is looked at in vain. The expiry cycle and searches remove them; lookups do so for their own key.
 */
import type { Database } from "../keyspace/database.ts";
import { type Effect, EffectId } from "../keyspace/effect.ts";

/** Fields of one effect; between two the clock may be looked at. */
export const EXPIRED_AT_ONCE_MAX = 64;

/** The removal of the fields that passed first in this database; undefined if none has. */
export function expiredFields(
  databases: readonly Database[],
  database: number,
  nowMs: number,
): Extract<Effect, { readonly id: typeof EffectId.hashDelete }> | undefined {
  const store = databases[database];
  if (store.earliestFieldExpiryMs >= nowMs) return undefined;
  const key = store.earliestFieldExpiryKey;
  const hash = store.get(key)?.value;
  if (hash?.type !== "hash") return undefined;
  const fields = hash.passedFields(nowMs, EXPIRED_AT_ONCE_MAX);
  return { id: EffectId.hashDelete, database, key, fields };
}
