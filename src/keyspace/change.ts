/**
 * Changes: what the rest of the house sees of an effect after it was applied.
 *
 * Listeners are called synchronously, in the order they were added, right after each effect, in
 * serving and in recovery alike. A listener must not mutate the keyspace and must not throw.
 * Search derives its indexes from this (and from `view.ts`) alone; the engine uses it for WATCH and
 * for clients that are blocked on a key.
 */

export interface ChangeListener {
  /**
   * A key was written or removed; what is there now, the view tells. `fields` names the hash
   * fields that the effect touched; null means "anything may differ". What is no change of the
   * value itself (its expiry, a consumer group's bookkeeping) comes with an empty `fields`: nobody
   * who is blocked on the key is tried for it.
   */
  keyChanged(database: number, key: string, fields: readonly string[] | null): void;
  /** Every key of the database went at once. -1: of every database. */
  databaseFlushed(database: number): void;
  databasesSwapped(database: number, other: number): void;
  indexCreated(name: string, definition: Buffer): void;
  indexDropped(name: string): void;
  /** What was changed so far belongs into the index's graphs. */
  indexSealed(name: string): void;
  /** A slice of the keys that were there before the index; `left` of the walk is left behind it. */
  indexBackfilled(name: string, keys: readonly string[], left: number): void;
}
