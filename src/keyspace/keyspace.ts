/**
 * The keyspace: numbered databases of entries, and the definitions of search indexes.
 *
 * It is mutated by `apply` alone, so that serving and recovery cannot differ. Expired entries stay
 * until an effect removes them; lookups by commands treat them as absent (`commands/context.ts`).
 * `tag` marks what is written from now on; the engine sets it to the log record that gathers.
 */
import { assert } from "../base/assert.ts";
import { toBuffer } from "../base/bytes.ts";
import { limits } from "../base/limits.ts";
import type { HashKey } from "../data/keyed-hash.ts";
import { SlabQuota } from "../data/slab-arena.ts";
import { applyEffect } from "./apply.ts";
import type { ChangeListener } from "./change.ts";
import { Database } from "./database.ts";
import type { Effect } from "./effect.ts";
import { defaultEncodingLimits, type EncodingLimits } from "./encoding-limits.ts";
import type { Entry } from "./entry.ts";
import {
  type FieldStore,
  type FieldValue,
  isStored,
  ReleaseList,
  type StoredBytes,
} from "./stored-bytes.ts";
import type { KeyspaceView } from "./view.ts";

/** For tests and tools; a server draws its own (`node/start.ts`). */
const FIXED_HASH_KEY: HashKey = { low: 0x243f6a88, high: 0x05a308d3 };

/** A reference costs more than it saves for less. */
const STORED_BYTES_MIN = 128;

export class Keyspace implements KeyspaceView {
  databases: Database[];
  /** Of the hash tables, also of those inside values. */
  readonly hashKey: HashKey;
  readonly encodingLimits: EncodingLimits;
  readonly indexDefinitions: Map<string, Buffer>;
  readonly listeners: ChangeListener[];
  /** 31 bits. */
  tag: number;
  /** Where fields can be moved that an index shares (`storeField`); null for nowhere. */
  fieldStore: FieldStore | null;
  /** What the effect under way took out of its fields. */
  readonly released: ReleaseList;
  readonly #quota: SlabQuota;
  readonly #keeping: Database[];

  constructor(
    databaseCount: number = limits.databaseCount,
    hashKey: HashKey = FIXED_HASH_KEY,
    quota: SlabQuota = new SlabQuota(limits.arenaSlabsMax, limits.arenaSpareSlabs),
    released: ReleaseList = new ReleaseList(),
    keeping: Database[] = [],
  ) {
    this.#quota = quota;
    this.#keeping = keeping;
    this.hashKey = hashKey;
    this.encodingLimits = defaultEncodingLimits();
    this.fieldStore = null;
    this.released = released;
    this.databases = Array.from(
      { length: databaseCount },
      () => new Database(hashKey, quota, this.released, this.#keeping),
    );
    this.indexDefinitions = new Map();
    this.listeners = [];
    this.tag = 0;
  }

  /** The accounted size of all entries. */
  get usedBytes(): number {
    let bytes = 0;
    const { databases } = this;
    for (let index = 0; index < databases.length; index += 1) bytes += databases[index].usedBytes;
    return bytes;
  }

  /** Whether records have taken nearly all that they may; writes are refused then. */
  get isFull(): boolean {
    return this.#quota.isNearlyUsed;
  }

  /** Applies one effect and tells the listeners. `nowMs` only stamps the time of access. */
  apply(effect: Effect, nowMs: number): void {
    applyEffect(this, effect, nowMs);
    this.released.releaseAll();
  }

  /** Nobody has a value any more that `keptValueAt` gave (`open-values.ts`). */
  releaseValues(): void {
    const keeping = this.#keeping;
    if (keeping.length === 0) return;
    for (let index = 0; index < keeping.length; index += 1) keeping[index].release();
    keeping.length = 0;
  }

  peek(database: number, key: string): Entry | undefined {
    return this.databases[database].get(key);
  }

  storeField(database: number, key: string, field: string): StoredBytes | undefined {
    const store = this.databases[database];
    const value = this.#heldIn(database, key, field);
    if (value === undefined || isStored(value)) return value;
    if (this.fieldStore === null || value.length < STORED_BYTES_MIN) return undefined;
    store.owner ??= this.fieldStore.openOwner();
    const stored = store.owner.hold(toBuffer(value));
    if (stored === null) return undefined;
    this.#replaceHeld(database, key, field, stored);
    return stored;
  }

  shareField(database: number, key: string, field: string, stored: StoredBytes): StoredBytes {
    const shared = stored.share();
    this.#replaceHeld(database, key, field, shared);
    return shared;
  }

  keyCount(database: number): number {
    return this.databases[database].keyCount;
  }

  keys(database: number): IterableIterator<string> {
    return this.databases[database].keys();
  }

  keyAtPlace(database: number, place: number): string {
    return this.databases[database].keyAtPlace(place);
  }

  /** Empty, and made so that `adopt` can take what it comes to hold. */
  emptyTwin(): Keyspace {
    const { databases, hashKey, released } = this;
    const twin = new Keyspace(databases.length, hashKey, this.#quota, released, this.#keeping);
    Object.assign(twin.encodingLimits, this.encodingLimits);
    return twin;
  }

  /**
   * Takes the twin's databases in place of its own (DEBUG RELOAD). Listeners are not told, since
   * the twin has what was here; indexes, whose vectors would be gone, must not be there.
   */
  adopt(twin: Keyspace): void {
    assert(this.indexDefinitions.size === 0, "no index holds what the databases do");
    for (const database of this.databases) database.clear();
    this.released.releaseAll();
    this.databases = twin.databases;
  }

  addListener(listener: ChangeListener): void {
    this.listeners.push(listener);
  }

  #heldIn(database: number, key: string, field: string): FieldValue | undefined {
    const value = this.peek(database, key)?.value;
    return value?.type === "hash" ? value.held(field) : undefined;
  }

  /** The same bytes in another place; nobody who looks sees a difference. */
  #replaceHeld(database: number, key: string, field: string, stored: StoredBytes): void {
    const store = this.databases[database];
    const location = store.find(key);
    const hash = location === 0 ? undefined : store.valueAt(location);
    assert(hash?.type === "hash", "a field that is stored belongs to a hash");
    const before = hash.held(field);
    assert(before?.length === stored.length, "a field keeps its bytes when it is stored");
    const costBefore = hash.costBytes;
    hash.set(field, stored, this);
    store.rewrite(location, hash, costBefore);
  }
}
