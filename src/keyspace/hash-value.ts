/**
 * A hash: binary-string fields to canonical bytes, and times at which some of the fields expire.
 *
 * - A small one is packed (`data/packed-fields.ts`), in order of insertion; its long and its stored
 *   values stand beside the pack. One that has outgrown it is a table (`field-table.ts`) and stays
 *   one. Names of encodings (OBJECT ENCODING) have nothing to do with it: `hash-encoding.ts`.
 * - A long value may live in a store outside (`stored-bytes.ts`): then every read makes a copy, and
 *   whoever takes it out must release it.
 * - There are as many hashes as documents: each property here costs eight bytes of each.
 * Only `apply*.ts` and the keyspace itself change anything.
 */
import { type Bytes, canonicalBytes, toBinaryString } from "../base/bytes.ts";
import { Deadlines } from "../data/deadlines.ts";
import type { HashKey } from "../data/keyed-hash.ts";
import {
  bytesWithValue,
  elsewhereBefore,
  endOf,
  findPacked,
  isElsewhere,
  PACKED_BYTES_MAX,
  PACKED_COUNT_MAX,
  PACKED_PART_BYTES_MAX,
  type Packed,
  packedCount,
  packedEntry,
  packedFrom,
  packedPairs,
  valueFrom,
  visitPacked,
  withEntry,
  withoutEntry,
  withValue,
} from "../data/packed-fields.ts";
import type { EncodingLimits } from "./encoding-limits.ts";
import { FieldTable } from "./field-table.ts";
import type { HashReader } from "./hash-reader.ts";
import {
  EXPIRY_BYTES,
  fieldExpiryCost,
  heldCost,
  PACKED_BUFFER_BYTES,
  PACKED_HASH_BYTES,
} from "./memory.ts";
import { type FieldValue, isStored, type ReleaseList } from "./stored-bytes.ts";

/** Of the keyspace, what a change of a hash needs. */
export interface HashHost {
  readonly hashKey: HashKey;
  /** What was there before goes here if it is stored. */
  readonly released: ReleaseList;
}

/** What few hashes have: fields that expire. */
class Expiring {
  values: readonly FieldValue[];
  readonly deadlines: Deadlines;
  costBytes: number;

  constructor(values: readonly FieldValue[], hashKey: HashKey) {
    this.values = values;
    this.deadlines = new Deadlines(hashKey);
    this.costBytes = EXPIRY_BYTES;
  }
}

/** Values that are not packed: one without an array around it, as a document's vector mostly is. */
type Beside = undefined | FieldValue | FieldValue[] | Expiring;

/** Of one value that is not packed: the reference to it, and some of the array. */
const BESIDE_BYTES = 16;
/** More would take their time to be counted. */
const BESIDE_COUNT_MAX = 64;
const NOTHING: readonly FieldValue[] = [];

const Flag = { isLarge: 1, hadExpiry: 2, mayHaveStored: 4 } as const;
const ENCODING_FLAGS = Flag.isLarge | Flag.hadExpiry;

export class HashValue implements HashReader {
  #fields: Packed | FieldTable;
  #beside: Beside;
  #flags: number;

  constructor() {
    this.#fields = "";
    this.#beside = undefined;
    this.#flags = 0;
  }

  /** Of its `pack` and `packFlags`. */
  static unpacked(pack: string, flags: number): HashValue {
    const hash = new HashValue();
    hash.#fields = pack;
    hash.#flags = flags;
    return hash;
  }

  /** All of it, if it is held in one string. */
  get pack(): string | undefined {
    const isAlone = this.#beside === undefined && (this.#flags & Flag.mayHaveStored) === 0;
    return isAlone && typeof this.#fields === "string" ? this.#fields : undefined;
  }

  get packFlags(): number {
    return this.#flags;
  }

  // No property: there are as many hashes as documents.
  get type(): "hash" {
    return "hash";
  }

  /** Whether it ever passed Redis's listpack bounds: OBJECT ENCODING never goes back. */
  get isLarge(): boolean {
    return (this.#flags & Flag.isLarge) !== 0;
  }

  /** Of `encoding-mark.ts`. */
  get encodingMark(): number {
    return this.#flags & ENCODING_FLAGS;
  }

  set encodingMark(mark: number) {
    this.#flags = (this.#flags & ~ENCODING_FLAGS) | mark;
  }

  becomeLarge(): void {
    this.#flags |= Flag.isLarge;
  }

  /** The encoding that Redis would report (OBJECT ENCODING). */
  encodingName(_limits: EncodingLimits): string {
    if (this.isLarge) return "hashtable";
    return (this.#flags & Flag.hadExpiry) === 0 ? "listpack" : "listpackex";
  }

  /** What it costs, all of it (`memory.ts`). */
  get costBytes(): number {
    const fields = this.#fields;
    const beside = this.#beside;
    const expiryBytes = beside instanceof Expiring ? beside.costBytes : 0;
    if (fields instanceof FieldTable) return fields.costBytes + expiryBytes;
    const frameBytes = typeof fields === "string" ? PACKED_HASH_BYTES : PACKED_BUFFER_BYTES;
    let costBytes = expiryBytes + frameBytes + ((endOf(fields) + 7) & ~7);
    if (beside === undefined) return costBytes;
    for (const value of this.#besides()) costBytes += BESIDE_BYTES + heldCost(value);
    return costBytes;
  }

  get size(): number {
    const fields = this.#fields;
    return fields instanceof FieldTable ? fields.size : packedCount(fields);
  }

  get isSmall(): boolean {
    return !(this.#fields instanceof FieldTable);
  }

  has(field: string): boolean {
    const fields = this.#fields;
    if (fields instanceof FieldTable) return fields.find(field) >= 0;
    return findPacked(fields, field) >= 0;
  }

  get(field: string): Bytes | undefined {
    const value = this.held(field);
    return typeof value === "string" || value === undefined ? value : readable(value);
  }

  /** As it is held: for who shares it. */
  held(field: string): FieldValue | undefined {
    const fields = this.#fields;
    if (fields instanceof FieldTable) {
      const index = fields.find(field);
      return index < 0 ? undefined : fields.valueAt(index);
    }
    const at = findPacked(fields, field);
    if (at < 0) return undefined;
    if (!isElsewhere(fields, at)) return valueFrom(fields, at);
    return this.#besides()[elsewhereBefore(fields, at)];
  }

  names(): Iterable<string> {
    const fields = this.#fields;
    if (fields instanceof FieldTable) return fields.names();
    const pairs = packedPairs(fields, () => "");
    return pairs.filter((_, index) => index % 2 === 0);
  }

  values(): Bytes[] {
    return this.flatPairs().filter((_, index) => index % 2 === 1);
  }

  *[Symbol.iterator](): IterableIterator<[string, Bytes]> {
    const pairs = this.flatPairs();
    for (let index = 0; index < pairs.length; index += 2) {
      yield [toBinaryString(pairs[index]), pairs[index + 1]];
    }
  }

  /** Field, value, field, value. */
  flatPairs(): Bytes[] {
    const fields = this.#fields;
    if (fields instanceof FieldTable) {
      const pairs: Bytes[] = [];
      for (let index = 0; index < fields.size; index += 1) {
        pairs.push(fields.nameAt(index), readable(fields.valueAt(index)));
      }
      return pairs;
    }
    return packedPairs(fields, (index) => readable(this.#besides()[index]));
  }

  heldEntries(): Iterable<[string, FieldValue]> {
    const fields = this.#fields;
    if (fields instanceof FieldTable) return entriesOf(fields);
    const entries: [string, FieldValue][] = [];
    const beside = this.#besides();
    let besideAt = 0;
    visitPacked(fields, (name, value) => {
      entries.push([name, value ?? beside[besideAt]]);
      if (value === undefined) besideAt += 1;
    });
    return entries;
  }

  someName(fraction: () => number): string {
    const fields = this.#fields;
    if (fields instanceof FieldTable) return fields.nameAt(Math.floor(fraction() * fields.size));
    const names = [...this.names()];
    return names[Math.floor(fraction() * names.length)];
  }

  scan(cursor: number, count: number, visit: (field: string) => void): number {
    const fields = this.#fields;
    if (fields instanceof FieldTable) return fields.scan(cursor, count, visit);
    for (const name of this.names()) visit(name);
    return 0;
  }

  expiryMsOf(field: string): number {
    return this.#beside instanceof Expiring ? (this.#beside.deadlines.timeOf(field) ?? 0) : 0;
  }

  /** How many fields expire. */
  get expiringCount(): number {
    return this.#beside instanceof Expiring ? this.#beside.deadlines.size : 0;
  }

  /** Infinity if no field expires. */
  get earliestExpiryMs(): number {
    const beside = this.#beside;
    return beside instanceof Expiring ? beside.deadlines.earliest : Number.POSITIVE_INFINITY;
  }

  /** Fields whose expiry has passed, at most so many. */
  passedFields(nowMs: number, countMax: number): string[] {
    const names: string[] = [];
    if (this.#beside instanceof Expiring) {
      this.#beside.deadlines.visitBefore(nowMs, countMax, (name) => names.push(name));
    }
    return names;
  }

  /** Whether not all has passed. */
  hasLiveField(nowMs: number): boolean {
    const beside = this.#beside;
    if (!(beside instanceof Expiring) || beside.deadlines.size < this.size) return this.size > 0;
    return beside.deadlines.hasFrom(nowMs);
  }

  passedCount(nowMs: number): number {
    if (!(this.#beside instanceof Expiring)) return 0;
    return this.#beside.deadlines.visitBefore(nowMs, Number.POSITIVE_INFINITY, () => {});
  }

  /** The field must be there; 0 removes its expiry. */
  setExpiry(field: string, expiryMs: number, host: HashHost): void {
    let expiring = this.#beside;
    if (!(expiring instanceof Expiring)) {
      if (expiryMs === 0) return;
      expiring = new Expiring(this.#besides(), host.hashKey);
      this.#beside = expiring;
      this.#flags |= Flag.hadExpiry;
    }
    const { deadlines } = expiring;
    const sizeBefore = deadlines.size;
    if (expiryMs === 0) deadlines.delete(field);
    else deadlines.set(field, expiryMs);
    expiring.costBytes += (deadlines.size - sizeBefore) * fieldExpiryCost(field);
    if (deadlines.size === 0) this.#beside = besideOf([...expiring.values]);
  }

  /** Field, value, field, value. */
  setAll(pairs: readonly Bytes[], host: HashHost): void {
    if (this.#fields === "" && this.#fill(pairs)) return;
    for (let index = 0; index < pairs.length; index += 2) {
      this.set(toBinaryString(pairs[index]), pairs[index + 1], host);
    }
  }

  /** Its expiry stays. */
  set(field: string, value: FieldValue, host: HashHost): void {
    let fields = this.#fields;
    if (isStored(value)) this.#flags |= Flag.mayHaveStored;
    if (!(fields instanceof FieldTable)) {
      if (this.#setPacked(fields, field, value, host.released)) return;
      fields = this.#unpack(host);
    }
    fields.set(field, value, host.released);
  }

  delete(field: string, host: HashHost): void {
    const fields = this.#fields;
    if (this.#beside instanceof Expiring) this.setExpiry(field, 0, host);
    if (fields instanceof FieldTable) {
      if (fields.find(field) >= 0) fields.delete(field, host.released);
      return;
    }
    const at = findPacked(fields, field);
    if (at < 0) return;
    if (isElsewhere(fields, at)) {
      const besideAt = elsewhereBefore(fields, at);
      const before = this.#besides()[besideAt];
      if (isStored(before)) host.released.add(before);
      this.#replaceBeside(besideAt, 1, NOTHING);
    }
    this.#fields = withoutEntry(fields, field, at);
  }

  /** The hash is about to go. */
  releaseStored(released: ReleaseList): void {
    if ((this.#flags & Flag.mayHaveStored) === 0) return;
    if (this.#fields instanceof FieldTable) released.discard(this.#fields);
    else for (const value of this.#besides()) if (isStored(value)) released.add(value);
  }

  #besides(): readonly FieldValue[] {
    const beside = this.#beside;
    if (beside === undefined) return NOTHING;
    if (beside instanceof Expiring) return beside.values;
    return Array.isArray(beside) ? beside : [beside];
  }

  #setBesides(values: FieldValue[]): void {
    if (this.#beside instanceof Expiring) this.#beside.values = values;
    else this.#beside = besideOf(values);
  }

  /** All at once into an empty hash; false if that must go one by one. */
  #fill(pairs: readonly Bytes[]): boolean {
    const count = pairs.length / 2;
    if (count > PACKED_COUNT_MAX) return false;
    const beside: FieldValue[] = [];
    const names = new Set<string>();
    let packed = "";
    for (let index = 0; index < pairs.length; index += 2) {
      const field = toBinaryString(pairs[index]);
      const value = pairs[index + 1];
      if (field.length > PACKED_PART_BYTES_MAX) return false;
      if (count > 1) names.add(field);
      if (!isShort(value)) beside.push(value);
      packed += packedEntry(field, isShort(value) ? value : undefined);
      if (packed.length > PACKED_BYTES_MAX || beside.length > BESIDE_COUNT_MAX) return false;
    }
    if (count > 1 && names.size < count) return false;
    this.#beside = besideOf(beside);
    this.#fields = packedFrom(packed, count);
    return true;
  }

  /** False if it does not fit, and then nothing is changed. */
  #setPacked(packed: Packed, field: string, value: FieldValue, released: ReleaseList): boolean {
    const short = isShort(value) ? value : undefined;
    const added = short === undefined ? [value] : NOTHING;
    const beside = this.#besides();
    const at = findPacked(packed, field);
    if (at < 0) {
      if (field.length > PACKED_PART_BYTES_MAX || beside.length + added.length > BESIDE_COUNT_MAX) {
        return false;
      }
      const entry = packedEntry(field, short);
      if (endOf(packed) + entry.length > PACKED_BYTES_MAX) return false;
      if (typeof packed !== "string" && packedCount(packed) >= PACKED_COUNT_MAX) return false;
      if (short === undefined) this.#setBesides([...beside, value]);
      this.#fields = withEntry(packed, entry);
      return true;
    }
    if (bytesWithValue(packed, at, short) > PACKED_BYTES_MAX) return false;
    const isBeside = isElsewhere(packed, at);
    if (!isBeside && beside.length + added.length > BESIDE_COUNT_MAX) return false;
    if (isBeside || short === undefined) {
      const besideAt = elsewhereBefore(packed, at);
      const before = isBeside ? beside[besideAt] : undefined;
      if (isStored(before)) released.add(before);
      this.#replaceBeside(besideAt, isBeside ? 1 : 0, added);
    }
    this.#fields = withValue(packed, at, short);
    return true;
  }

  #replaceBeside(at: number, count: number, added: readonly FieldValue[]): void {
    const beside = [...this.#besides()];
    beside.splice(at, count, ...added);
    this.#setBesides(beside);
  }

  #unpack(host: HashHost): FieldTable {
    const table = new FieldTable(host.hashKey);
    for (const [field, value] of this.heldEntries()) table.set(field, value, host.released);
    this.#setBesides([]);
    this.#fields = table;
    return table;
  }
}

function* entriesOf(table: FieldTable): IterableIterator<[string, FieldValue]> {
  for (let index = 0; index < table.size; index += 1) {
    yield [table.nameAt(index), table.valueAt(index)];
  }
}

function besideOf(values: FieldValue[]): Beside {
  return values.length > 1 ? values : values[0];
}

function isShort(value: FieldValue): value is string {
  return typeof value === "string" && value.length <= PACKED_PART_BYTES_MAX;
}

function readable(value: FieldValue): Bytes {
  return isStored(value) ? canonicalBytes(value.copy()) : value;
}
