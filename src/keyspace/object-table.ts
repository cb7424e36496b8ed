/**
 * The values of a database that no record holds, by the index that is in the record: long strings,
 * larger collections, and whatever has a key too long for a record.
 *
 * A collection, of which there may be millions, is in no object of ours if its key is short.
 */
import { assert } from "../base/assert.ts";
import { Chunks } from "../data/chunks.ts";
import type { CollectionValue, Value } from "./entry.ts";
import { valueCost } from "./memory.ts";

/** A long string, or a value whose key is too long for the record. */
class StoredObject {
  /** Empty if the record has the key. */
  readonly longKey: string;
  readonly value: Value;

  constructor(longKey: string, value: Value) {
    this.longKey = longKey;
    this.value = value;
  }
}

export class ObjectTable {
  readonly #objects: Chunks<StoredObject | CollectionValue | undefined>;
  readonly #freeIndexes: number[];

  constructor() {
    this.#objects = new Chunks();
    this.#freeIndexes = [];
  }

  /** Its index. `longKey` is empty if the record has the key. */
  add(longKey: string, value: Value): number {
    const isBare = longKey === "" && value.type !== "string";
    const object = isBare ? value : new StoredObject(longKey, value);
    const free = this.#freeIndexes.pop();
    if (free === undefined) {
      this.#objects.push(object);
      return this.#objects.length - 1;
    }
    this.#objects.set(free, object);
    return free;
  }

  remove(index: number): void {
    this.#objects.set(index, undefined);
    this.#freeIndexes.push(index);
  }

  clear(): void {
    this.#objects.clear();
    this.#freeIndexes.length = 0;
  }

  valueAt(index: number): Value {
    const object = this.#at(index);
    return object instanceof StoredObject ? object.value : object;
  }

  longKeyAt(index: number): string {
    const object = this.#at(index);
    return object instanceof StoredObject ? object.longKey : "";
  }

  /** The accounted size, with a long key. */
  costAt(index: number): number {
    const object = this.#at(index);
    if (!(object instanceof StoredObject)) return object.costBytes;
    return object.longKey.length + valueCost(object.value);
  }

  #at(index: number): StoredObject | CollectionValue {
    const object = this.#objects.get(index);
    assert(object !== undefined, "a record's object is there");
    return object;
  }
}
