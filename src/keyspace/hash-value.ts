/**
 * A hash: insertion order, binary-string fields to canonical bytes.
 *
 * A long value may live in a store outside (`stored-bytes.ts`): then every read makes a copy, and
 * whoever takes it out must release it. Only `apply*.ts` and the keyspace itself change anything.
 */
import { type Bytes, canonicalBytes } from "../base/bytes.ts";
import type { DenseOrder } from "../data/dense-order.ts";
import { type FieldValue, isStored, type ReleaseList } from "./stored-bytes.ts";

export class HashValue {
  readonly type = "hash";
  /** Whether it ever passed the listpack bounds: `OBJECT ENCODING` never goes back, as in Redis. */
  isLarge: boolean;
  /** Made when HSCAN or HRANDFIELD first asks (`hash-order.ts`). */
  order: DenseOrder | undefined;
  readonly #values: Map<string, FieldValue>;
  #storedCount: number;

  constructor() {
    this.isLarge = false;
    this.order = undefined;
    this.#values = new Map();
    this.#storedCount = 0;
  }

  get size(): number {
    return this.#values.size;
  }

  has(field: string): boolean {
    return this.#values.has(field);
  }

  get(field: string): Bytes | undefined {
    const value = this.#values.get(field);
    return typeof value === "string" || value === undefined ? value : readable(value);
  }

  /** As it is held: for its cost, and for who shares it. */
  held(field: string): FieldValue | undefined {
    return this.#values.get(field);
  }

  names(): IterableIterator<string> {
    return this.#values.keys();
  }

  values(): IterableIterator<Bytes> {
    if (this.#storedCount > 0) return this.#readableValues();
    return this.#values.values() as IterableIterator<Bytes>;
  }

  [Symbol.iterator](): IterableIterator<[string, Bytes]> {
    if (this.#storedCount > 0) return this.#readableEntries();
    // A generator would slow down every hash that has nothing stored.
    return this.#values.entries() as IterableIterator<[string, Bytes]>;
  }

  heldEntries(): IterableIterator<[string, FieldValue]> {
    return this.#values.entries();
  }

  /** What was there before goes to `released` if it is stored. */
  set(field: string, value: FieldValue, released: ReleaseList): void {
    if (this.#storedCount > 0) this.#takeOut(this.#values.get(field), released);
    if (isStored(value)) this.#storedCount += 1;
    this.#values.set(field, value);
  }

  delete(field: string, released: ReleaseList): void {
    if (this.#storedCount > 0) this.#takeOut(this.#values.get(field), released);
    this.#values.delete(field);
  }

  /** The hash is about to go. */
  releaseStored(released: ReleaseList): void {
    if (this.#storedCount === 0) return;
    for (const value of this.#values.values()) this.#takeOut(value, released);
  }

  *#readableValues(): IterableIterator<Bytes> {
    for (const value of this.#values.values()) yield readable(value);
  }

  *#readableEntries(): IterableIterator<[string, Bytes]> {
    for (const [field, value] of this.#values) yield [field, readable(value)];
  }

  #takeOut(value: FieldValue | undefined, released: ReleaseList): void {
    if (!isStored(value)) return;
    this.#storedCount -= 1;
    released.add(value);
  }
}

function readable(value: FieldValue): Bytes {
  return isStored(value) ? canonicalBytes(value.copy()) : value;
}
