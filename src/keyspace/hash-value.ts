/**
 * A hash: insertion order, binary-string fields to canonical bytes.
 *
 * - A small one is packed into a string (`data/packed-fields.ts`), beside which stand its long and
 *   its stored values, in order; one that has outgrown it is a Map and stays one.
 * - A long value may live in a store outside (`stored-bytes.ts`): then every read makes a copy, and
 *   whoever takes it out must release it.
 * Only `apply*.ts` and the keyspace itself change anything.
 */
import { type Bytes, canonicalBytes, toBinaryString } from "../base/bytes.ts";
import type { DenseOrder } from "../data/dense-order.ts";
import {
  elsewhereBefore,
  findPacked,
  flattened,
  isElsewhere,
  PACKED_BYTES_MAX,
  PACKED_PART_BYTES_MAX,
  packedCount,
  packedEntry,
  unsliced,
  valueFrom,
  visitPacked,
  withoutEntry,
  withValue,
} from "../data/packed-fields.ts";
import type { EncodingLimits } from "./encoding-limits.ts";
import { fieldCost, heldCost, MAPPED_HASH_BYTES, PACKED_HASH_BYTES } from "./memory.ts";
import { type FieldValue, isStored, type ReleaseList } from "./stored-bytes.ts";

/** Values that are not packed: one without an array around it, as a document's vector mostly is. */
type Beside = undefined | FieldValue | FieldValue[];

/** Of one value that is not packed: the reference to it, and some of the array. */
const BESIDE_BYTES = 16;

export class HashValue {
  /** Whether it ever passed the listpack bounds: `OBJECT ENCODING` never goes back, as in Redis. */
  isLarge: boolean;
  /** Made when HSCAN or HRANDFIELD first asks (`hash-order.ts`). */
  order: DenseOrder | undefined;
  /** What it costs, all of it (`memory.ts`). */
  costBytes: number;
  #fields: string | Map<string, FieldValue>;
  #beside: Beside;
  #mayHaveStored: boolean;

  constructor() {
    this.isLarge = false;
    this.order = undefined;
    this.costBytes = PACKED_HASH_BYTES;
    this.#fields = "";
    this.#beside = undefined;
    this.#mayHaveStored = false;
  }

  // No property: there are as many hashes as documents.
  get type(): "hash" {
    return "hash";
  }

  /** The encoding that Redis would report (OBJECT ENCODING). */
  encodingName(_limits: EncodingLimits): string {
    return this.isLarge ? "hashtable" : "listpack";
  }

  get size(): number {
    const fields = this.#fields;
    return typeof fields === "string" ? packedCount(fields) : fields.size;
  }

  has(field: string): boolean {
    const fields = this.#fields;
    return typeof fields === "string" ? findPacked(fields, field) >= 0 : fields.has(field);
  }

  get(field: string): Bytes | undefined {
    const value = this.held(field);
    return typeof value === "string" || value === undefined ? value : readable(value);
  }

  /** As it is held: for who shares it. */
  held(field: string): FieldValue | undefined {
    const fields = this.#fields;
    if (typeof fields !== "string") return fields.get(field);
    const at = findPacked(fields, field);
    if (at < 0) return undefined;
    // Whoever keeps it, as an index does, keeps no more: a slice would hold all of the string.
    if (!isElsewhere(fields, at)) return unsliced(valueFrom(fields, at));
    return listOf(this.#beside)[elsewhereBefore(fields, at)];
  }

  names(): Iterable<string> {
    const fields = this.#fields;
    if (typeof fields !== "string") return fields.keys();
    const names: string[] = [];
    visitPacked(fields, (name) => names.push(unsliced(name)));
    return names;
  }

  values(): Iterable<Bytes> {
    const fields = this.#fields;
    // A generator would slow down every large hash that has nothing stored.
    if (typeof fields !== "string" && !this.#mayHaveStored)
      return fields.values() as Iterable<Bytes>;
    return Array.from(this.heldEntries(), ([, value]) => readable(value));
  }

  [Symbol.iterator](): IterableIterator<[string, Bytes]> {
    const fields = this.#fields;
    if (typeof fields !== "string" && !this.#mayHaveStored) {
      return fields.entries() as IterableIterator<[string, Bytes]>;
    }
    return Array.from(this.heldEntries(), readableEntry).values();
  }

  heldEntries(): Iterable<[string, FieldValue]> {
    const fields = this.#fields;
    if (typeof fields !== "string") return fields;
    const entries: [string, FieldValue][] = [];
    const beside = listOf(this.#beside);
    let besideAt = 0;
    visitPacked(fields, (name, value) => {
      entries.push([name, value ?? beside[besideAt]]);
      if (value === undefined) besideAt += 1;
    });
    return entries;
  }

  /** Field, value, field, value. What was there before goes to `released` if it is stored. */
  setAll(pairs: readonly Bytes[], released: ReleaseList): void {
    if (this.#fields === "" && this.#fill(pairs)) return;
    for (let index = 0; index < pairs.length; index += 2) {
      this.set(toBinaryString(pairs[index]), pairs[index + 1], released);
    }
  }

  set(field: string, value: FieldValue, released: ReleaseList): void {
    let fields = this.#fields;
    if (isStored(value)) this.#mayHaveStored = true;
    if (typeof fields === "string") {
      if (this.#setPacked(fields, field, value, released)) return;
      fields = this.#unpack();
    }
    const before = fields.get(field);
    if (before !== undefined) this.costBytes -= fieldCost(field, before);
    if (isStored(before)) released.add(before);
    fields.set(field, value);
    this.costBytes += fieldCost(field, value);
  }

  delete(field: string, released: ReleaseList): void {
    const fields = this.#fields;
    const before = this.held(field);
    if (before === undefined) return;
    if (isStored(before)) released.add(before);
    if (typeof fields !== "string") {
      this.costBytes -= fieldCost(field, before);
      fields.delete(field);
      return;
    }
    const at = findPacked(fields, field);
    if (isElsewhere(fields, at)) this.#replaceBeside(elsewhereBefore(fields, at), 1, []);
    this.#pack(withoutEntry(fields, field, at));
  }

  /** The hash is about to go. */
  releaseStored(released: ReleaseList): void {
    if (!this.#mayHaveStored) return;
    const fields = this.#fields;
    const values = typeof fields === "string" ? listOf(this.#beside) : fields.values();
    for (const value of values) if (isStored(value)) released.add(value);
  }

  /** All at once into an empty hash; false if that must go one by one. */
  #fill(pairs: readonly Bytes[]): boolean {
    const beside: FieldValue[] = [];
    const names = new Set<string>();
    let packed = "";
    for (let index = 0; index < pairs.length; index += 2) {
      const field = toBinaryString(pairs[index]);
      const value = pairs[index + 1];
      if (field.length > PACKED_PART_BYTES_MAX) return false;
      if (pairs.length > 2) names.add(field);
      if (!isShort(value)) beside.push(value);
      packed += packedEntry(field, isShort(value) ? value : undefined);
      if (packed.length > PACKED_BYTES_MAX) return false;
    }
    if (pairs.length > 2 && names.size * 2 < pairs.length) return false;
    this.#beside = besideOf(beside);
    this.#pack(packed);
    return true;
  }

  /** False if it does not fit, and then nothing is changed. */
  #setPacked(packed: string, field: string, value: FieldValue, released: ReleaseList): boolean {
    const short = isShort(value) ? value : undefined;
    const added = short === undefined ? [value] : [];
    const at = findPacked(packed, field);
    if (at < 0) {
      if (field.length > PACKED_PART_BYTES_MAX) return false;
      const longer = packed + packedEntry(field, short);
      if (longer.length > PACKED_BYTES_MAX) return false;
      if (short === undefined) this.#beside = besideOf([...listOf(this.#beside), value]);
      this.#pack(longer);
      return true;
    }
    const changed = withValue(packed, at, short);
    if (changed.length > PACKED_BYTES_MAX) return false;
    const isBeside = isElsewhere(packed, at);
    const besideAt = elsewhereBefore(packed, at);
    const before = isBeside ? listOf(this.#beside)[besideAt] : undefined;
    if (isStored(before)) released.add(before);
    this.#replaceBeside(besideAt, isBeside ? 1 : 0, added);
    this.#pack(changed);
    return true;
  }

  #replaceBeside(at: number, count: number, added: readonly FieldValue[]): void {
    if (count === 0 && added.length === 0) return;
    const beside = [...listOf(this.#beside)];
    beside.splice(at, count, ...added);
    this.#beside = besideOf(beside);
  }

  #pack(packed: string): void {
    this.#fields = flattened(packed);
    this.costBytes = PACKED_HASH_BYTES + ((packed.length + 7) & ~7);
    for (const value of listOf(this.#beside)) this.costBytes += BESIDE_BYTES + heldCost(value);
  }

  #unpack(): Map<string, FieldValue> {
    const fields = new Map<string, FieldValue>();
    this.costBytes = MAPPED_HASH_BYTES;
    for (const [field, value] of this.heldEntries()) {
      fields.set(unsliced(field), isShort(value) ? unsliced(value) : value);
      this.costBytes += fieldCost(field, value);
    }
    this.#fields = fields;
    this.#beside = undefined;
    return fields;
  }
}

const NOTHING: readonly FieldValue[] = [];

function listOf(beside: Beside): readonly FieldValue[] {
  if (beside === undefined) return NOTHING;
  return Array.isArray(beside) ? beside : [beside];
}

function besideOf(values: FieldValue[]): Beside {
  return values.length > 1 ? values : values[0];
}

function isShort(value: FieldValue): value is string {
  return typeof value === "string" && value.length <= PACKED_PART_BYTES_MAX;
}

function readableEntry([field, value]: [string, FieldValue]): [string, Bytes] {
  return [field, readable(value)];
}

function readable(value: FieldValue): Bytes {
  return isStored(value) ? canonicalBytes(value.copy()) : value;
}
