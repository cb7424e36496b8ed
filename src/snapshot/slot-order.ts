/**
 * All keys of a keyspace in the order of their slots, within a slot by database: a counting sort
 * over their places. Nothing may change while it is walked.
 */
import { SLOT_COUNT, slotOf } from "../base/slot.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";

export interface PlacedKey {
  readonly database: number;
  readonly key: string;
  readonly slot: number;
}

export function* inSlotOrder(keyspace: Keyspace): IterableIterator<PlacedKey> {
  const { databases } = keyspace;
  let total = 0;
  for (const store of databases) total += store.keyCount;
  const slots = new Uint16Array(total);
  /** By slot, where its keys begin in the order. */
  const starts = new Uint32Array(SLOT_COUNT + 1);
  let index = 0;
  for (const store of databases) {
    for (let place = 0; place < store.keyCount; place += 1) {
      const slot = slotOf(store.keyAtPlace(place));
      slots[index] = slot;
      starts[slot + 1] += 1;
      index += 1;
    }
  }
  for (let slot = 0; slot < SLOT_COUNT; slot += 1) starts[slot + 1] += starts[slot];
  const order = new Uint32Array(total);
  for (index = 0; index < total; index += 1) {
    const slot = slots[index];
    order[starts[slot]] = index;
    starts[slot] += 1;
  }
  /** By database, the index of its first key. */
  const firsts: number[] = [];
  let before = 0;
  for (const store of databases) {
    firsts.push(before);
    before += store.keyCount;
  }
  for (let rank = 0; rank < total; rank += 1) {
    const at = order[rank];
    let database = databases.length - 1;
    while (firsts[database] > at) database -= 1;
    yield { database, key: databases[database].keyAtPlace(at - firsts[database]), slot: slots[at] };
  }
}
