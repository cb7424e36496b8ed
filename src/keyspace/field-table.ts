/**
 * The fields of a hash that has outgrown its pack: a table that grows without a pause, and each
 * field's value beside it. The order is one of adds and removes alone (`data/dense-table.ts`).
 */
import { Chunks } from "../data/chunks.ts";
import { DenseTable } from "../data/dense-table.ts";
import type { HashKey } from "../data/keyed-hash.ts";
import type { Discarded } from "./discards.ts";
import { FIELD_TABLE_BYTES, fieldCost } from "./memory.ts";
import { type FieldValue, isStored, type ReleaseList } from "./stored-bytes.ts";

export class FieldTable implements Discarded {
  costBytes: number;
  readonly #names: DenseTable;
  readonly #values: Chunks<FieldValue>;

  constructor(hashKey: HashKey) {
    this.costBytes = FIELD_TABLE_BYTES;
    this.#names = new DenseTable(hashKey);
    this.#values = new Chunks();
  }

  get size(): number {
    return this.#names.size;
  }

  /** -1 if it is not there. */
  find(field: string): number {
    return this.#names.find(field);
  }

  nameAt(index: number): string {
    return this.#names.at(index);
  }

  valueAt(index: number): FieldValue {
    return this.#values.get(index);
  }

  names(): IterableIterator<string> {
    return this.#names[Symbol.iterator]();
  }

  scan(cursor: number, count: number, visit: (field: string) => void): number {
    return this.#names.scan(cursor, count, visit);
  }

  set(field: string, value: FieldValue, released: ReleaseList): void {
    const index = this.#names.find(field);
    this.costBytes += fieldCost(field, value);
    if (index < 0) {
      this.#names.add(field);
      this.#values.push(value);
      return;
    }
    const before = this.#values.get(index);
    this.costBytes -= fieldCost(field, before);
    if (isStored(before)) released.add(before);
    this.#values.set(index, value);
  }

  /** It must be there. */
  delete(field: string, released: ReleaseList): void {
    const index = this.#names.find(field);
    const before = this.#values.get(index);
    this.costBytes -= fieldCost(field, before);
    if (isStored(before)) released.add(before);
    this.#names.removeAt(index);
    const last = this.#values.pop();
    if (index < this.#values.length) this.#values.set(index, last);
  }

  /** The hash is gone: takes values off, and releases what is stored. */
  releaseSome(countMax: number): boolean {
    for (let count = Math.min(countMax, this.#values.length); count > 0; count -= 1) {
      const value = this.#values.pop();
      if (isStored(value)) value.release();
    }
    return this.#values.length === 0;
  }
}
