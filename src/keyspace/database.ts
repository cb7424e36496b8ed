/**
 * One numbered database: its records, how they are found, and what keeps their order.
 *
 * - Hot state is in typed arrays: `table` finds a record, `arena` holds it, `order` and `expiring`
 *   walk all keys and those with an expiry. Short strings and small collections are in records, and
 *   a small collection that is looked at is `open` too; all other values are `objects`.
 * - Only `apply*.ts` (through `placement.ts`) changes anything, and it keeps all of this in step.
 * - A location is good until the next change.
 */
import { type Bytes, canonicalBytes, SHORT_BYTES_MAX, writeBinaryString } from "../base/bytes.ts";
import { Deadlines } from "../data/deadlines.ts";
import { DensePlaces } from "../data/dense-places.ts";
import { type KeyMatcher, KeyTable } from "../data/key-table.ts";
import { type HashKey, hashOf } from "../data/keyed-hash.ts";
import {
  byteOffsetOf,
  doubleOffsetOf,
  SlabArena,
  type SlabQuota,
  slabOf,
  UNIT_BYTES,
  wordOffsetOf,
} from "../data/slab-arena.ts";
import type { CollectionValue, Entry, Value } from "./entry.ts";
import type { HashValue } from "./hash-value.ts";
import { KEY_BYTES, valueCost } from "./memory.ts";
import { ObjectTable } from "./object-table.ts";
import { OpenValues } from "./open-values.ts";
import { HEAD_BYTES, headOf, packOf, unpacked } from "./packed-value.ts";
import {
  EXPIRY_DOUBLE,
  hasLongKey,
  isObject,
  isPacked,
  isRawString,
  keyBytesOf,
  OBJECT_KEY_BYTE,
  objectShape,
  objectUnits,
  packedShape,
  STRING_KEY_BYTE,
  stringShape,
  stringUnits,
  unitsOf,
  valueBytesOf,
  Word,
} from "./record.ts";
import type { ReleaseList, StoreOwner } from "./stored-bytes.ts";
import { StringValue } from "./string-value.ts";

/** More would not fit what a processor keeps in flight. */
export const FORESEEN_MAX = 32;
/** An empty database keeps so much, or one key that comes and goes would allocate each time. */
const KEPT_BYTES_MAX = 1024 * 1024;
/** Of a cache line. */
const LINE_WORDS = 16;

export class Database implements KeyMatcher {
  /** The accounted size of all entries. */
  usedBytes: number;
  /** Means nothing: it keeps the reads of `foresee` from being left out as useless. */
  touched: number;
  /** What its fields hold in a store outside; null while they hold nothing. */
  owner: StoreOwner | null;
  readonly #released: ReleaseList;
  readonly #hashKey: HashKey;
  readonly #arena: SlabArena;
  readonly #table: KeyTable;
  readonly #order: DensePlaces;
  readonly #expiring: DensePlaces;
  /** Hashes of which fields expire, with the earliest time of each; made for the first. */
  #fieldExpiries: Deadlines | undefined;
  readonly #objects: ObjectTable;
  readonly #open: OpenValues;
  /** Where databases say that they keep values open; all of a keyspace share it. */
  readonly #keeping: Database[];
  #isKeeping: boolean;
  /** What was last asked for: a write asks for its key several times. */
  #lastKey: string;
  #lastHash: number;
  #lastLocation: number;
  /** What `foresee` was told, and how many of it came. */
  readonly #foreseenKeys: string[];
  readonly #foreseenHashes: Int32Array;
  readonly #foreseenLocations: Int32Array;
  #foreseenCount: number;
  #foreseenAt: number;

  constructor(hashKey: HashKey, quota: SlabQuota, released: ReleaseList, keeping: Database[] = []) {
    this.usedBytes = 0;
    this.owner = null;
    this.#released = released;
    this.#hashKey = hashKey;
    this.#arena = new SlabArena(quota);
    this.#table = new KeyTable(this);
    this.#order = new DensePlaces();
    this.#expiring = new DensePlaces();
    this.#fieldExpiries = undefined;
    this.#objects = new ObjectTable();
    this.#open = new OpenValues();
    this.#keeping = keeping;
    this.#isKeeping = false;
    this.#lastKey = "";
    this.#lastHash = hashOf("", hashKey);
    this.#lastLocation = 0;
    this.#foreseenKeys = [];
    this.#foreseenHashes = new Int32Array(FORESEEN_MAX);
    this.#foreseenLocations = new Int32Array(FORESEEN_MAX);
    this.#foreseenCount = 0;
    this.#foreseenAt = 0;
    this.touched = 0;
  }

  get keyCount(): number {
    return this.#order.size;
  }

  get expiringCount(): number {
    return this.#expiring.size;
  }

  /** Keys of hashes that have fields with an expiry. */
  get fieldExpiringCount(): number {
    return this.#fieldExpiries?.size ?? 0;
  }

  /** When the first field expires; Infinity if none does. */
  get earliestFieldExpiryMs(): number {
    return this.#fieldExpiries?.earliest ?? Number.POSITIVE_INFINITY;
  }

  /** The key whose field expires first; there must be one. */
  get earliestFieldExpiryKey(): string {
    return this.#fieldExpiries?.earliestName ?? "";
  }

  /** When the hash's first field expires, undefined if none does. */
  fieldExpiryMsOf(key: string): number | undefined {
    return this.#fieldExpiries?.timeOf(key);
  }

  /**
   * Lookups of these keys will follow, in this order (or will not: it is a hint). A lookup waits
   * twice for memory, for its slot and for its record, a quarter of what a pipelined command costs.
   * Here the waits of all the keys overlap. At most FORESEEN_MAX keys; the array is the caller's,
   * who uses it again, also for another database.
   */
  foresee(keys: readonly string[], count: number): void {
    const hashes = this.#foreseenHashes;
    const locations = this.#foreseenLocations;
    for (let index = 0; index < count; index += 1) {
      this.#foreseenKeys[index] = keys[index];
      hashes[index] = hashOf(keys[index], this.#hashKey);
    }
    this.#foreseenCount = count;
    this.#foreseenAt = 0;
    this.#table.firstLocations(hashes, count, locations);
    let touched = 0;
    for (let index = 0; index < count; index += 1) {
      const location = locations[index];
      if (location === 0) continue;
      const words = this.#arena.words[slabOf(location)];
      const start = wordOffsetOf(location);
      touched += words[start] + words[start + LINE_WORDS];
    }
    this.touched = touched;
  }

  /** The key's location, 0 if it is not there. */
  find(key: string): number {
    if (key === this.#lastKey) return this.#lastLocation;
    const hash = this.#hashOf(key);
    const location = this.#table.find(hash, key);
    this.#lastKey = key;
    this.#lastHash = hash;
    this.#lastLocation = location;
    return location;
  }

  hasKey(location: number, key: string): boolean {
    const slab = slabOf(location);
    const shape = this.#arena.words[slab][wordOffsetOf(location) + Word.shape];
    if (hasLongKey(shape)) return this.#longKeyAt(location) === key;
    const byteCount = keyBytesOf(shape);
    if (byteCount !== key.length) return false;
    const bytes = this.#arena.bytes[slab];
    const start = byteOffsetOf(location) + (isObject(shape) ? OBJECT_KEY_BYTE : STRING_KEY_BYTE);
    for (let index = 0; index < byteCount; index += 1) {
      if (bytes[start + index] !== key.charCodeAt(index)) return false;
    }
    return true;
  }

  /** What is under the key now; undefined if nothing is. */
  get(key: string): Entry | undefined {
    const location = this.find(key);
    return location === 0 ? undefined : this.entryAt(location);
  }

  entryAt(location: number, value = this.valueAt(location)): Entry {
    return {
      value,
      expiryMs: this.expiryMsAt(location),
      lastAccessMs: this.#word(location, Word.accessSeconds) * 1000,
      sizeBytes: this.sizeBytesAt(location),
    };
  }

  /** To look at, or for an effect that changes it and says so (`rewrite`). */
  valueAt(location: number): Value {
    const shape = this.#word(location, Word.shape);
    if (isObject(shape)) return this.#objectValueAt(location);
    if (isPacked(shape)) return this.#open.get(location) ?? this.#openAt(location, shape);
    return new StringValue(this.#textAt(location, shape), isRawString(shape));
  }

  /** The same, and this very object shows what effects do to it, until `release`. */
  keptValueAt(location: number): Value {
    const value = this.valueAt(location);
    if (isPacked(this.#word(location, Word.shape))) this.#keep(location);
    return value;
  }

  keptEntryAt(location: number): Entry {
    return this.entryAt(location, this.keptValueAt(location));
  }

  /** Whoever was given kept values is done with them. */
  release(): void {
    this.#isKeeping = false;
    this.#open.release();
  }

  /** The bytes if the value is a short string, without an object around them. */
  shortStringAt(location: number): string | undefined {
    const slab = slabOf(location);
    const shape = this.#arena.words[slab][wordOffsetOf(location) + Word.shape];
    return isObject(shape) || isPacked(shape) ? undefined : this.#textAt(location, shape);
  }

  keyAt(location: number): string {
    const slab = slabOf(location);
    const shape = this.#arena.words[slab][wordOffsetOf(location) + Word.shape];
    if (hasLongKey(shape)) return this.#longKeyAt(location);
    const start = byteOffsetOf(location) + (isObject(shape) ? OBJECT_KEY_BYTE : STRING_KEY_BYTE);
    return this.#arena.bytes[slab].latin1Slice(start, start + keyBytesOf(shape));
  }

  /** 0 for none. */
  expiryMsAt(location: number): number {
    const slab = slabOf(location);
    if (this.#arena.words[slab][wordOffsetOf(location) + Word.expiryPlace] === 0) return 0;
    return this.#arena.doubles[slab][doubleOffsetOf(location) + EXPIRY_DOUBLE];
  }

  /** The accounted size of the entry. */
  sizeBytesAt(location: number): number {
    const shape = this.#word(location, Word.shape);
    const ownBytes = KEY_BYTES + unitsOf(shape) * UNIT_BYTES;
    return isObject(shape) ? ownBytes + this.#objectBytesAt(location) : ownBytes;
  }

  /** Which record of the log wrote it last (`placement.ts`). */
  tagAt(location: number): number {
    return this.#word(location, Word.tag);
  }

  setTag(location: number, tag: number): void {
    this.#setWord(location, Word.tag, tag);
  }

  setAccess(location: number, nowMs: number): void {
    this.#setWord(location, Word.accessSeconds, Math.floor(nowMs / 1000));
  }

  /** The key at a place of the dense order. */
  keyAtPlace(place: number): string {
    return this.keyAt(this.#order.at(place));
  }

  /** The location at a place among those with an expiry. */
  expiringAt(place: number): number {
    return this.#expiring.at(place);
  }

  /** Visits at most `count` keys; the next cursor, 0 when the scan is done. 0 begins one. */
  scan(cursor: number, count: number, visit: (key: string) => void): number {
    const size = this.#order.size;
    let left = cursor === 0 ? size : Math.min(cursor, size);
    for (let visited = 0; left > 0 && visited < count; visited += 1) {
      left -= 1;
      visit(this.keyAtPlace(left));
    }
    return left;
  }

  /** All keys, while nothing changes. */
  *keys(): IterableIterator<string> {
    for (let place = 0; place < this.#order.size; place += 1) yield this.keyAtPlace(place);
  }

  /** Puts a value in place of whatever is there; its location. */
  put(key: string, value: Value, expiryMs: number): number {
    if (value.type === "string" && !value.isLong) {
      return this.putString(key, value.borrowed, expiryMs, value.isRaw);
    }
    const pack = key.length > SHORT_BYTES_MAX ? undefined : packOf(value);
    const location =
      pack === undefined ? this.#placeObject(key, value) : this.#placePacked(key, value, pack);
    this.setExpiry(location, expiryMs);
    return location;
  }

  putString(key: string, value: Bytes, expiryMs: number, isRaw: boolean): number {
    if (key.length > SHORT_BYTES_MAX || value.length > SHORT_BYTES_MAX) {
      const long = this.#placeObject(key, new StringValue(canonicalBytes(value), isRaw));
      this.setExpiry(long, expiryMs);
      return long;
    }
    const unitCount = stringUnits(key.length, value.length);
    const location = this.#place(
      key,
      unitCount,
      stringShape(key.length, value.length, unitCount, isRaw),
    );
    const bytes = this.#arena.bytes[slabOf(location)];
    const start = byteOffsetOf(location) + STRING_KEY_BYTE;
    writeBinaryString(bytes, key, start);
    if (typeof value === "string") writeBinaryString(bytes, value, start + key.length);
    else value.copy(bytes, start + key.length);
    this.setExpiry(location, expiryMs);
    return location;
  }

  /** 0 removes it. */
  setExpiry(location: number, expiryMs: number): void {
    const place = this.#word(location, Word.expiryPlace);
    if (expiryMs === 0) {
      if (place !== 0) this.#removeExpiring(location, place - 1);
      return;
    }
    if (place === 0) {
      this.#setWord(location, Word.expiryPlace, this.#expiring.add(location) + 1);
    }
    this.#arena.doubles[slabOf(location)][doubleOffsetOf(location) + EXPIRY_DOUBLE] = expiryMs;
  }

  /**
   * The value that is there has been changed and cost so much before: its record, or the account of
   * its object, follows; where it is now. It holds something.
   */
  rewrite(location: number, value: Value, costBefore: number): number {
    this.recount(location, value, costBefore);
    const shape = this.#word(location, Word.shape);
    if (isObject(shape)) {
      const pack = hasLongKey(shape) ? undefined : packOf(value);
      if (pack === undefined) return location;
      const placed = this.#placePacked(this.keyAt(location), value, pack);
      this.#open.add(placed, value as CollectionValue);
      this.#keep(placed);
      return placed;
    }
    const pack = packOf(value);
    if (pack === undefined) return this.#placeObject(this.keyAt(location), value);
    const keyBytes = keyBytesOf(shape);
    const valueBytes = HEAD_BYTES + pack.length;
    const unitCount = stringUnits(keyBytes, valueBytes);
    const placed = this.#resizeRecord(location, unitsOf(shape), unitCount);
    this.#setWord(placed, Word.shape, packedShape(keyBytes, valueBytes, unitCount));
    this.#writePacked(placed, keyBytes, value, pack);
    return placed;
  }

  /** An object has been changed in place and cost so much before. */
  recount(location: number, value: Value, costBefore: number): void {
    if (!isObject(this.#word(location, Word.shape))) return;
    this.usedBytes += valueCost(value) - costBefore;
  }

  /** The hash under the key may expire fields at other times than before, or none. */
  noteFieldExpiry(key: string, hash: HashValue): void {
    const expiryMs = hash.earliestExpiryMs;
    if (expiryMs === Number.POSITIVE_INFINITY) this.#fieldExpiries?.delete(key);
    else {
      this.#fieldExpiries ??= new Deadlines(this.#hashKey);
      this.#fieldExpiries.set(key, expiryMs);
    }
  }

  remove(location: number): void {
    const shape = this.#word(location, Word.shape);
    const hash = this.#word(location, Word.hash);
    this.usedBytes -= this.sizeBytesAt(location);
    const expiryPlace = this.#word(location, Word.expiryPlace);
    if (expiryPlace !== 0) this.#removeExpiring(location, expiryPlace - 1);
    const place = this.#word(location, Word.place);
    const moved = this.#order.removeAt(place);
    if (moved !== 0) this.#setWord(moved, Word.place, place);
    if (isObject(shape)) this.#releaseObject(location);
    else if (isPacked(shape)) this.#open.delete(location);
    this.#table.remove(hash, location);
    this.#arena.free(location, unitsOf(shape));
    if (this.#lastLocation === location) this.#lastLocation = 0;
    if (this.keyCount === 0 && this.#arena.heldBytes > KEPT_BYTES_MAX) this.#reset();
  }

  /** Memory goes back at once, and without a walk. */
  clear(): void {
    if (this.owner !== null) {
      this.owner.close();
      this.#released.discard(this.owner);
      this.owner = null;
    }
    this.#reset();
  }

  #reset(): void {
    this.usedBytes = 0;
    this.#arena.clear();
    this.#table.clear();
    this.#order.clear();
    this.#expiring.clear();
    this.#fieldExpiries = undefined;
    this.#objects.clear();
    this.#open.clear();
    this.#lastLocation = 0;
  }

  #hashOf(key: string): number {
    const at = this.#foreseenAt;
    if (at === this.#foreseenCount || key !== this.#foreseenKeys[at]) {
      return hashOf(key, this.#hashKey);
    }
    this.#foreseenAt = at + 1;
    return this.#foreseenHashes[at];
  }

  #keep(location: number): void {
    this.#open.keep(location);
    if (this.#isKeeping) return;
    this.#isKeeping = true;
    this.#keeping.push(this);
  }

  #textAt(location: number, shape: number): string {
    const start = byteOffsetOf(location) + STRING_KEY_BYTE + keyBytesOf(shape);
    return this.#arena.bytes[slabOf(location)].latin1Slice(start, start + valueBytesOf(shape));
  }

  #openAt(location: number, shape: number): CollectionValue {
    const start = byteOffsetOf(location) + STRING_KEY_BYTE + keyBytesOf(shape);
    const bytes = this.#arena.bytes[slabOf(location)];
    const pack = bytes.latin1Slice(start + HEAD_BYTES, start + valueBytesOf(shape));
    const value = unpacked(bytes[start], pack);
    this.#open.add(location, value);
    return value;
  }

  #placePacked(key: string, value: Value, pack: string): number {
    const valueBytes = HEAD_BYTES + pack.length;
    const unitCount = stringUnits(key.length, valueBytes);
    const shape = packedShape(key.length, valueBytes, unitCount);
    const location = this.#place(key, unitCount, shape);
    const bytes = this.#arena.bytes[slabOf(location)];
    writeBinaryString(bytes, key, byteOffsetOf(location) + STRING_KEY_BYTE);
    this.#writePacked(location, key.length, value, pack);
    return location;
  }

  #writePacked(location: number, keyBytes: number, value: Value, pack: string): void {
    const bytes = this.#arena.bytes[slabOf(location)];
    const start = byteOffsetOf(location) + STRING_KEY_BYTE + keyBytes;
    bytes[start] = headOf(value);
    writeBinaryString(bytes, pack, start + HEAD_BYTES);
  }

  #placeObject(key: string, value: Value): number {
    const unitCount = objectUnits(key.length);
    const location = this.#place(key, unitCount, objectShape(key.length, unitCount));
    const longKey = key.length > SHORT_BYTES_MAX ? key : "";
    this.#setWord(location, Word.objectIndex, this.#objects.add(longKey, value));
    if (value.type === "hash" && value.expiringCount > 0) this.noteFieldExpiry(key, value);
    if (longKey === "") {
      const bytes = this.#arena.bytes[slabOf(location)];
      writeBinaryString(bytes, key, byteOffsetOf(location) + OBJECT_KEY_BYTE);
    }
    this.usedBytes += longKey.length + valueCost(value);
    return location;
  }

  /** A record of that shape for the key: the one it has if it fits, else another. */
  #place(key: string, unitCount: number, shape: number): number {
    const before = this.find(key);
    if (before === 0) return this.#addRecord(key, unitCount, shape);
    const shapeBefore = this.#word(before, Word.shape);
    if (isObject(shapeBefore)) {
      this.usedBytes -= this.#objectBytesAt(before);
      this.#releaseObject(before);
    } else if (isPacked(shapeBefore)) this.#open.delete(before);
    const location = this.#resizeRecord(before, unitsOf(shapeBefore), unitCount);
    this.#setWord(location, Word.shape, shape);
    return location;
  }

  #addRecord(key: string, unitCount: number, shape: number): number {
    const hash = this.#lastHash;
    const location = this.#arena.allocate(unitCount);
    const words = this.#arena.words[slabOf(location)];
    const start = wordOffsetOf(location);
    words[start + Word.hash] = hash;
    words[start + Word.shape] = shape;
    words[start + Word.expiryPlace] = 0;
    words[start + Word.place] = this.#order.add(location);
    this.#table.add(hash, location);
    this.#lastKey = key;
    this.#lastLocation = location;
    this.usedBytes += KEY_BYTES + unitCount * UNIT_BYTES;
    return location;
  }

  /** With what is in it, as far as it fits; where it is now. */
  #resizeRecord(from: number, unitsBefore: number, unitCount: number): number {
    if (unitsBefore === unitCount) return from;
    this.usedBytes += (unitCount - unitsBefore) * UNIT_BYTES;
    if (this.#arena.resize(from, unitsBefore, unitCount)) return from;
    const to = this.#arena.allocate(unitCount);
    const { bytes, words } = this.#arena;
    const source = words[slabOf(from)];
    const start = wordOffsetOf(from);
    const byteStart = byteOffsetOf(from);
    const byteEnd = byteStart + Math.min(unitsBefore, unitCount) * UNIT_BYTES;
    bytes[slabOf(from)].copy(bytes[slabOf(to)], byteOffsetOf(to), byteStart, byteEnd);
    this.#table.move(source[start + Word.hash], from, to);
    this.#order.set(source[start + Word.place], to);
    const expiryPlace = source[start + Word.expiryPlace];
    if (expiryPlace !== 0) this.#expiring.set(expiryPlace - 1, to);
    this.#arena.free(from, unitsBefore);
    this.#open.move(from, to);
    if (this.#lastLocation === from) this.#lastLocation = to;
    return to;
  }

  #removeExpiring(location: number, place: number): void {
    const moved = this.#expiring.removeAt(place);
    if (moved !== 0) this.#setWord(moved, Word.expiryPlace, place + 1);
    this.#setWord(location, Word.expiryPlace, 0);
  }

  #objectValueAt(location: number): Value {
    return this.#objects.valueAt(this.#word(location, Word.objectIndex));
  }

  #objectBytesAt(location: number): number {
    return this.#objects.costAt(this.#word(location, Word.objectIndex));
  }

  #longKeyAt(location: number): string {
    return this.#objects.longKeyAt(this.#word(location, Word.objectIndex));
  }

  #releaseObject(location: number): void {
    const index = this.#word(location, Word.objectIndex);
    const value = this.#objectValueAt(location);
    if (value.type === "hash") this.#releaseHash(location, value);
    this.#objects.remove(index);
  }

  #releaseHash(location: number, hash: HashValue): void {
    if (hash.expiringCount > 0) this.#fieldExpiries?.delete(this.keyAt(location));
    hash.releaseStored(this.#released);
  }

  #word(location: number, word: number): number {
    return this.#arena.words[slabOf(location)][wordOffsetOf(location) + word];
  }

  #setWord(location: number, word: number, value: number): void {
    this.#arena.words[slabOf(location)][wordOffsetOf(location) + word] = value;
  }
}
