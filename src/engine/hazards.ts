/**
 * Hazards: keys whose last effect is in a record that is not durable yet.
 *
 * A read of such a key must wait for that record, or it would show what a crash could take away.
 * What is there carries the tag of the record that wrote it last; what may have been removed is in
 * the set of its record. Records become durable in order and one append is in flight at a time, so
 * there are two as a rule: the one in flight and the one being gathered. A global effect (FLUSHALL,
 * SWAPDB) makes every key a hazard. Next in the flow: command-context asks, reply-gate waits.
 */
import { type Effect, EffectId } from "../keyspace/effect.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";

/**
 * What a record's writes are marked with. 31 bits of its sequence are enough: one that comes round
 * again after 2^31 records makes a reply wait for the next record, and nothing worse.
 */
export function tagOf(sequence: number): number {
  return sequence % 0x80000000;
}

class RecordHazards {
  sequence: number;
  tag: number;
  isGlobal: boolean;
  hasRemoved: boolean;
  /** By database. */
  readonly #removedKeys: (Set<string> | undefined)[];

  constructor() {
    this.sequence = 0;
    this.tag = 0;
    this.isGlobal = false;
    this.hasRemoved = false;
    this.#removedKeys = [];
  }

  reset(sequence: number): void {
    this.sequence = sequence;
    this.tag = tagOf(sequence);
    this.isGlobal = false;
    if (!this.hasRemoved) return;
    this.hasRemoved = false;
    for (const keys of this.#removedKeys) keys?.clear();
  }

  add(effect: Effect): void {
    switch (effect.id) {
      case EffectId.databaseFlush:
      case EffectId.allFlush:
      case EffectId.databaseSwap:
        this.isGlobal = true;
        return;
      case EffectId.keyDelete:
      case EffectId.hashDelete:
      case EffectId.listPopLeft:
      case EffectId.listPopRight:
      case EffectId.listRemove:
      case EffectId.listTrim:
      case EffectId.setRemove:
      case EffectId.sortedSetRemove:
      case EffectId.sortedSetRemoveRange:
        this.#addRemoved(effect.database, effect.key);
        return;
      default:
      // All others leave the key there, with the record's tag; or they are of no key.
    }
  }

  hasRemovedKey(database: number, key: string): boolean {
    return this.#removedKeys[database]?.has(key) === true;
  }

  #addRemoved(database: number, key: string): void {
    while (this.#removedKeys.length <= database) this.#removedKeys.push(undefined);
    this.#removedKeys[database] ??= new Set();
    this.#removedKeys[database].add(key);
    this.hasRemoved = true;
  }
}

export class Hazards {
  /** Whether every effect is durable; looked at before each lookup. */
  isEmpty: boolean;
  /** Ascending by sequence. */
  readonly #records: RecordHazards[];
  readonly #spare: RecordHazards[];

  constructor() {
    this.isEmpty = true;
    this.#records = [];
    this.#spare = [];
  }

  /** The effects went into the record of this sequence. */
  note(effects: readonly Effect[], sequence: number): void {
    const records = this.#records;
    let record = records.length === 0 ? undefined : records[records.length - 1];
    if (record === undefined || record.sequence !== sequence) {
      record = this.#spare.pop() ?? new RecordHazards();
      record.reset(sequence);
      records.push(record);
      this.isEmpty = false;
    }
    for (let index = 0; index < effects.length; index += 1) record.add(effects[index]);
  }

  /** The newest record that is not durable and may have removed the key; 0 for none. */
  sequenceOfRemoved(database: number, key: string): number {
    for (let index = this.#records.length - 1; index >= 0; index -= 1) {
      const record = this.#records[index];
      if (record.isGlobal) return record.sequence;
      if (record.hasRemoved && record.hasRemovedKey(database, key)) return record.sequence;
    }
    return 0;
  }

  /** The record that is not durable and has this tag; 0 for none. */
  sequenceOfTag(tag: number): number {
    for (let index = this.#records.length - 1; index >= 0; index -= 1) {
      if (this.#records[index].tag === tag) return this.#records[index].sequence;
    }
    return 0;
  }

  /** The newest record that is not durable and may have touched the key; 0 for none. */
  sequenceOfKey(keyspace: Keyspace, database: number, key: string): number {
    if (this.isEmpty) return 0;
    const store = keyspace.databases[database];
    const location = store.find(key);
    const written = location === 0 ? 0 : this.sequenceOfTag(store.tagAt(location));
    return Math.max(written, this.sequenceOfRemoved(database, key));
  }

  /** Everything up to this record is durable. */
  settle(durableSequence: number): void {
    const records = this.#records;
    while (records.length > 0 && records[0].sequence <= durableSequence) {
      const record = records.shift();
      if (record !== undefined && this.#spare.length < 2) this.#spare.push(record);
    }
    this.isEmpty = records.length === 0;
  }
}
