/**
 * Whether every effect of a log can be applied: folds it into a keyspace of its own that nobody
 * reads. Where all keys together would not fit, one pass takes the keys of one range of slots,
 * which is sound because an effect touches one key; those of whole databases are of every range.
 */
import { limits } from "../base/limits.ts";
import { slotOf } from "../base/slot.ts";
import { type Effect, EffectId } from "../keyspace/effect.ts";
import { Keyspace } from "../keyspace/keyspace.ts";
import type { StoredRecord } from "../log/log-driver.ts";
import type { SlotRange } from "../snapshot/snapshot-reader.ts";
import { keyOf, visitEffects } from "./record-effects.ts";

export class FoldCheck {
  readonly keyspace: Keyspace;
  effectCount = 0;
  /** The first thing that is wrong; nothing is applied behind it. */
  problem: string | undefined;
  readonly #range: SlotRange;

  constructor(databaseCount: number, range: SlotRange) {
    this.keyspace = new Keyspace(databaseCount);
    this.#range = range;
  }

  take(record: StoredRecord, nowMs: number): void {
    if (this.problem !== undefined) return;
    const { problem, unitCount } = visitEffects(record.payload, (effect) => {
      if (this.problem === undefined) this.#apply(effect, nowMs);
    });
    this.problem ??= problem;
    if (this.problem === undefined && unitCount !== record.unitCount) {
      this.problem = `it has ${unitCount} units, and its header says ${record.unitCount}`;
    }
  }

  #hasSlot(slot: number): boolean {
    return slot >= this.#range.first && slot < this.#range.end;
  }

  #apply(effect: Effect, nowMs: number): void {
    this.effectCount += 1;
    const key = keyOf(effect);
    if (key !== undefined && !this.#hasSlot(slotOf(key))) return;
    const database = "database" in effect ? effect.database : 0;
    const highest = "other" in effect ? Math.max(database, effect.other) : database;
    const databaseCount = this.keyspace.databases.length;
    if (highest >= databaseCount) {
      this.problem = `it writes to database ${highest}; say --databases ${highest + 1} or more`;
      return;
    }
    if (endOf(effect) > limits.bulkBytesMax) {
      this.problem = `effect ${this.effectCount} makes a string longer than one may be`;
      return;
    }
    try {
      this.keyspace.apply(effect, nowMs);
    } catch (failure) {
      const why = failure instanceof Error ? failure.message : String(failure);
      this.problem = `effect ${this.effectCount} cannot be applied: ${why}`;
    }
  }
}

/** Where a write into a string ends; memory for it is made before it is known to be too much. */
function endOf(effect: Effect): number {
  return effect.id === EffectId.stringSetRange ? effect.offset + effect.value.length : 0;
}
