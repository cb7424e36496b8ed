/**
 * The keyspace: numbered databases of entries, and the definitions of search indexes.
 *
 * It is mutated by `apply` alone, so that serving and recovery cannot differ. `usedBytes` is the
 * sum of the entries' sizes. Expired entries stay until an effect removes them; lookups by commands
 * treat them as absent (`commands/context.ts`).
 */
import { limits } from "../base/limits.ts";
import { applyEffect } from "./apply.ts";
import type { ChangeListener } from "./change.ts";
import { Database } from "./database.ts";
import type { Effect } from "./effect.ts";
import type { Entry } from "./entry.ts";
import type { KeyspaceView } from "./view.ts";

export class Keyspace implements KeyspaceView {
  databases: Database[];
  readonly indexDefinitions: Map<string, Buffer>;
  readonly listeners: ChangeListener[];
  usedBytes: number;

  constructor(databaseCount: number = limits.databaseCount) {
    this.databases = Array.from({ length: databaseCount }, () => new Database());
    this.indexDefinitions = new Map();
    this.listeners = [];
    this.usedBytes = 0;
  }

  /** Applies one effect and tells the listeners. `nowMs` only stamps the time of access. */
  apply(effect: Effect, nowMs: number): void {
    applyEffect(this, effect, nowMs);
  }

  peek(database: number, key: string): Entry | undefined {
    return this.databases[database].entries.get(key);
  }

  keyCount(database: number): number {
    return this.databases[database].entries.size;
  }

  keys(database: number): IterableIterator<string> {
    return this.databases[database].entries.keys();
  }

  addListener(listener: ChangeListener): void {
    this.listeners.push(listener);
  }
}
