/**
 * The keyspace: numbered databases of entries, and the definitions of search indexes.
 *
 * It is mutated by `apply` alone, so that serving and recovery cannot differ. Expired entries stay
 * until an effect removes them; lookups by commands treat them as absent (`commands/context.ts`).
 * `tag` marks what is written from now on; the engine sets it to the log record that gathers.
 */
import { limits } from "../base/limits.ts";
import type { HashKey } from "../data/keyed-hash.ts";
import { SlabQuota } from "../data/slab-arena.ts";
import { applyEffect } from "./apply.ts";
import type { ChangeListener } from "./change.ts";
import { Database } from "./database.ts";
import type { Effect } from "./effect.ts";
import type { Entry } from "./entry.ts";
import type { KeyspaceView } from "./view.ts";

/** For tests and tools; a server draws its own (`node/start.ts`). */
const FIXED_HASH_KEY: HashKey = { low: 0x243f6a88, high: 0x05a308d3 };

export class Keyspace implements KeyspaceView {
  databases: Database[];
  readonly indexDefinitions: Map<string, Buffer>;
  readonly listeners: ChangeListener[];
  /** 31 bits. */
  tag: number;
  readonly #quota: SlabQuota;

  constructor(
    databaseCount: number = limits.databaseCount,
    hashKey: HashKey = FIXED_HASH_KEY,
    quota: SlabQuota = new SlabQuota(limits.arenaSlabsMax, limits.arenaSpareSlabs),
  ) {
    this.#quota = quota;
    this.databases = Array.from({ length: databaseCount }, () => new Database(hashKey, quota));
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
  }

  peek(database: number, key: string): Entry | undefined {
    return this.databases[database].get(key);
  }

  keyCount(database: number): number {
    return this.databases[database].keyCount;
  }

  keys(database: number): IterableIterator<string> {
    return this.databases[database].keys();
  }

  walk(database: number): IterableIterator<string> {
    return this.databases[database].walk();
  }

  addListener(listener: ChangeListener): void {
    this.listeners.push(listener);
  }
}
