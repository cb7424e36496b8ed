/**
 * Hazards: keys whose last effect is in a record that is not durable yet.
 *
 * A read of such a key must wait for that record, or it would show what a crash could take away.
 * Records become durable in order and one append is in flight at a time, so there are two sets of
 * keys as a rule: the record in flight and the one being gathered. A global effect (FLUSHALL,
 * SWAPDB) makes every key a hazard. Next in the flow: command-context notes them, reply-gate waits.
 */
import { type Effect, EffectId } from "../keyspace/effect.ts";

class RecordHazards {
  sequence: number;
  isGlobal: boolean;
  readonly keys: (Set<string> | undefined)[];

  constructor() {
    this.sequence = 0;
    this.isGlobal = false;
    this.keys = [];
  }

  reset(sequence: number): void {
    this.sequence = sequence;
    this.isGlobal = false;
    for (const keys of this.keys) keys?.clear();
  }

  add(effect: Effect): void {
    switch (effect.id) {
      case EffectId.databaseFlush:
      case EffectId.allFlush:
      case EffectId.databaseSwap:
        this.isGlobal = true;
        return;
      case EffectId.indexCreate:
      case EffectId.indexDrop:
        // No key's value differs by them; searches wait for what their index has ingested.
        return;
      default: {
        let keys = this.keys[effect.database];
        if (keys === undefined) {
          while (this.keys.length <= effect.database) this.keys.push(undefined);
          keys = new Set();
          this.keys[effect.database] = keys;
        }
        keys.add(effect.key);
      }
    }
  }

  covers(database: number, key: string): boolean {
    return this.isGlobal || this.keys[database]?.has(key) === true;
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
    let record = this.#records.at(-1);
    if (record === undefined || record.sequence !== sequence) {
      record = this.#spare.pop() ?? new RecordHazards();
      record.reset(sequence);
      this.#records.push(record);
      this.isEmpty = false;
    }
    for (let index = 0; index < effects.length; index += 1) record.add(effects[index]);
  }

  /** The newest record that is not durable and holds an effect on the key; 0 for none. */
  sequenceOf(database: number, key: string): number {
    for (let index = this.#records.length - 1; index >= 0; index -= 1) {
      const record = this.#records[index];
      if (record.covers(database, key)) return record.sequence;
    }
    return 0;
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
