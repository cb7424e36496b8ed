/**
 * WATCH: which sessions watch which keys, fed by changes.
 *
 * A change of a watched key makes its watchers dirty, and their next EXEC gives up. FLUSHALL and
 * SWAPDB touch a watched key only if it exists before or after. A key whose expiry passes between
 * WATCH and EXEC counts as changed; one that was gone at WATCH, or whose time had passed then, does
 * not while it stays so. While nobody watches, a change costs one comparison.
 */
import type { ChangeListener } from "../keyspace/change.ts";
import type { KeyspaceView } from "../keyspace/view.ts";
import type { Clock } from "../runtime/clock.ts";

/** A session's side of it. */
export interface Watcher {
  isDirty: boolean;
}

interface Watch {
  readonly watcher: Watcher;
  readonly database: number;
  readonly key: string;
  readonly existed: boolean;
}

export class WatchTable implements ChangeListener {
  readonly #keyspace: KeyspaceView;
  readonly #clock: Clock;
  /** By database, then key. */
  readonly #watches: Map<number, Map<string, Watch[]>>;
  readonly #byWatcher: Map<Watcher, Watch[]>;

  constructor(keyspace: KeyspaceView, clock: Clock) {
    this.#keyspace = keyspace;
    this.#clock = clock;
    this.#watches = new Map();
    this.#byWatcher = new Map();
    keyspace.addListener(this);
  }

  /** Sessions that watch something, for INFO. */
  get watcherCount(): number {
    return this.#byWatcher.size;
  }

  watchCountOf(watcher: Watcher): number {
    return this.#byWatcher.get(watcher)?.length ?? 0;
  }

  add(watcher: Watcher, database: number, key: string, existed: boolean): void {
    let own = this.#byWatcher.get(watcher);
    if (own === undefined) {
      own = [];
      this.#byWatcher.set(watcher, own);
    }
    let keys = this.#watches.get(database);
    if (keys === undefined) {
      keys = new Map();
      this.#watches.set(database, keys);
    }
    const ofKey = keys.get(key);
    if (ofKey?.some((watch) => watch.watcher === watcher)) return;
    const watch = { watcher, database, key, existed };
    own.push(watch);
    if (ofKey === undefined) keys.set(key, [watch]);
    else ofKey.push(watch);
  }

  removeAll(watcher: Watcher): void {
    const own = this.#byWatcher.get(watcher);
    if (own === undefined) return;
    this.#byWatcher.delete(watcher);
    for (const watch of own) {
      const keys = this.#watches.get(watch.database);
      const rest = keys?.get(watch.key)?.filter((other) => other !== watch) ?? [];
      if (rest.length > 0) keys?.set(watch.key, rest);
      else keys?.delete(watch.key);
      if (keys?.size === 0) this.#watches.delete(watch.database);
    }
  }

  /** Whether a key that existed at WATCH, or a field of it, has passed and is still there. */
  hasExpired(watcher: Watcher, nowMs: number): boolean {
    for (const watch of this.#byWatcher.get(watcher) ?? []) {
      if (!watch.existed) continue;
      const entry = this.#keyspace.peek(watch.database, watch.key);
      if (entry === undefined) continue;
      const { expiryMs, value } = entry;
      if (expiryMs !== 0 && expiryMs < nowMs) return true;
      if (value.type === "hash" && value.earliestExpiryMs < nowMs) return true;
    }
    return false;
  }

  keyChanged(database: number, key: string): void {
    if (this.#watches.size === 0) return;
    const watches = this.#watches.get(database)?.get(key);
    if (watches === undefined) return;
    // What has expired and is removed only now was no more and is no more.
    const isThere = this.#keyspace.peek(database, key) !== undefined;
    for (const watch of watches) if (watch.existed || isThere) watch.watcher.isDirty = true;
  }

  databaseFlushed(database: number): void {
    for (const [watched, keys] of this.#watches) {
      if (database === -1 || watched === database) touchExisting(keys);
    }
  }

  databasesSwapped(database: number, other: number): void {
    for (const swapped of [database, other]) {
      for (const [key, watches] of this.#watches.get(swapped) ?? []) {
        const existsNow = this.#isLive(swapped, key);
        for (const watch of watches) {
          if (watch.existed || existsNow) watch.watcher.isDirty = true;
        }
      }
    }
  }

  indexCreated(): void {}

  indexDropped(): void {}

  indexSealed(): void {}

  indexBackfilled(): void {}

  #isLive(database: number, key: string): boolean {
    const entry = this.#keyspace.peek(database, key);
    if (entry === undefined) return false;
    return entry.expiryMs === 0 || entry.expiryMs >= this.#clock.nowMs();
  }
}

function touchExisting(keys: Map<string, Watch[]>): void {
  for (const watches of keys.values()) {
    for (const watch of watches) {
      if (watch.existed) watch.watcher.isDirty = true;
    }
  }
}
