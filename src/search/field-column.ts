/**
 * What an index keeps of one hash field, by document id: references into the keyspace, no copies.
 *
 * A field that only vectors are made of may live in the store that the kernel reads as well. Then
 * what is kept is the field's own reference: good until the change that takes it out of the field
 * was told to every index (`keyspace/stored-bytes.ts`), so long enough to compare with what came.
 */
import { bytesEqual, toBuffer } from "../base/bytes.ts";
import { type FieldValue, isStored } from "../keyspace/stored-bytes.ts";
import type { FieldSharing, HashView } from "../keyspace/view.ts";
import type { ValueColumn } from "./attribute.ts";

export class FieldColumn {
  readonly field: string;
  /** For the attributes that are not vectors: if there is one, bytes are kept. */
  readonly bytes: ValueColumn;
  readonly #isVectorOnly: boolean;
  readonly #held: (FieldValue | undefined)[];

  constructor(field: string, isVectorOnly: boolean) {
    this.field = field;
    this.#isVectorOnly = isVectorOnly;
    this.bytes = [];
    this.#held = [];
  }

  get length(): number {
    return this.#isVectorOnly ? this.#held.length : this.bytes.length;
  }

  at(id: number): FieldValue | undefined {
    return this.#isVectorOnly ? this.#held[id] : this.bytes[id];
  }

  /** The field as this column keeps it. */
  valueIn(hash: HashView): FieldValue | undefined {
    return this.#isVectorOnly ? hash.held(this.field) : hash.get(this.field);
  }

  take(id: number, hash: HashView): void {
    if (!this.#isVectorOnly) put(this.bytes, id, hash.get(this.field));
    else put(this.#held, id, hash.held(this.field));
  }

  /** Moves the field into the store if it can be shared; what is kept of it now. */
  share(id: number, key: string, fields: FieldSharing): FieldValue | undefined {
    if (this.#isVectorOnly) this.#held[id] = fields.storeField(0, key, this.field) ?? this.at(id);
    return this.at(id);
  }

  clear(id: number): void {
    if (this.#isVectorOnly) this.#held[id] = undefined;
    else this.bytes[id] = undefined;
  }

  /** Whether the hash has the value that is kept; stored ones are equal only in the same place. */
  holds(id: number, hash: HashView): boolean {
    const held = this.at(id);
    const value = this.valueIn(hash);
    if (held === value) return true;
    if (held === undefined || value === undefined || held.length !== value.length) return false;
    if (isStored(held) && isStored(value)) return held.isSameAs(value);
    return bytesEqual(copied(held), copied(value));
  }

  /** The hash holds the same: its reference is the newer one. Bytes are stored once again. */
  renew(id: number, key: string, hash: HashView, fields: FieldSharing): void {
    const held = this.at(id);
    const value = this.valueIn(hash);
    if (isStored(held) && !isStored(value)) {
      this.#held[id] = fields.shareField(0, key, this.field, held);
    } else this.take(id, hash);
  }
}

function put<Value>(column: (Value | undefined)[], id: number, value: Value | undefined): void {
  while (column.length <= id) column.push(undefined);
  column[id] = value;
}

function copied(value: FieldValue) {
  return isStored(value) ? value.copy() : toBuffer(value);
}
