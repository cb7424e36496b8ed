/**
 * Who waits for which key, and which of those keys have changed.
 *
 * A key that somebody waits for has a queue of waiters, in the order in which they began. A change
 * of the key makes its queue ready; ready queues are taken in the order in which they became so,
 * each once however often its key changed. Next in the flow: blocked-clients looks at the key and
 * serves. While nobody waits, a change costs one comparison.
 */
import { limits } from "../base/limits.ts";
import type { ChangeListener } from "../keyspace/change.ts";
import type { KeyspaceView } from "../keyspace/view.ts";

/** What a waiter is to its queues. */
export interface Waiter {
  readonly database: number;
  readonly keys: readonly string[];
  readonly wakesOnRemoval: boolean;
}

export class WaitQueue<W extends Waiter> {
  readonly database: number;
  readonly key: string;
  /** Oldest first. */
  readonly waiters: Set<W>;
  /** How many of them wake when the key goes. */
  removalCount: number;
  isReady: boolean;

  constructor(database: number, key: string) {
    this.database = database;
    this.key = key;
    this.waiters = new Set();
    this.removalCount = 0;
    this.isReady = false;
  }
}

export class WaitQueues<W extends Waiter> implements ChangeListener {
  /** By database, then key; queues without waiters are not kept. */
  readonly #queues: Map<number, Map<string, WaitQueue<W>>>;
  #ready: WaitQueue<W>[];
  /** Index of the first ready queue that was not taken. */
  #readyHead: number;
  /** Keys of all waiters, each key counted for each of them. */
  #waitCount: number;

  constructor(keyspace: KeyspaceView) {
    this.#queues = new Map();
    this.#ready = [];
    this.#readyHead = 0;
    this.#waitCount = 0;
    keyspace.addListener(this);
  }

  get hasReady(): boolean {
    return this.#ready.length > 0;
  }

  get keyCount(): number {
    let count = 0;
    for (const queues of this.#queues.values()) count += queues.size;
    return count;
  }

  /** Keys whose removal wakes somebody. */
  get removalKeyCount(): number {
    let count = 0;
    for (const queues of this.#queues.values()) {
      for (const queue of queues.values()) if (queue.removalCount > 0) count += 1;
    }
    return count;
  }

  /** False, and nothing done, when more keys than the limit would be waited for. */
  add(waiter: W): boolean {
    if (this.#waitCount + waiter.keys.length > limits.blockedKeysMax) return false;
    let queues = this.#queues.get(waiter.database);
    if (queues === undefined) {
      queues = new Map();
      this.#queues.set(waiter.database, queues);
    }
    for (const key of waiter.keys) {
      let queue = queues.get(key);
      if (queue === undefined) {
        queue = new WaitQueue(waiter.database, key);
        queues.set(key, queue);
      }
      // A command may name a key twice; its waiter stands in the queue once.
      if (queue.waiters.has(waiter)) continue;
      queue.waiters.add(waiter);
      this.#waitCount += 1;
      if (waiter.wakesOnRemoval) queue.removalCount += 1;
    }
    return true;
  }

  remove(waiter: W): void {
    const queues = this.#queues.get(waiter.database);
    if (queues === undefined) return;
    for (const key of waiter.keys) {
      const queue = queues.get(key);
      if (queue?.waiters.delete(waiter) !== true) continue;
      this.#waitCount -= 1;
      if (waiter.wakesOnRemoval) queue.removalCount -= 1;
      if (queue.waiters.size === 0) queues.delete(key);
    }
    if (queues.size === 0) this.#queues.delete(waiter.database);
  }

  /** The queue that has been ready for longest; its key's next change makes it ready again. */
  takeReady(): WaitQueue<W> | undefined {
    if (this.#readyHead === this.#ready.length) {
      this.#ready = [];
      this.#readyHead = 0;
      return undefined;
    }
    const queue = this.#ready[this.#readyHead];
    this.#readyHead += 1;
    queue.isReady = false;
    return queue;
  }

  keyChanged(database: number, key: string, fields: readonly string[] | null): void {
    if (this.#queues.size === 0 || fields?.length === 0) return;
    const queue = this.#queues.get(database)?.get(key);
    if (queue !== undefined) this.#makeReady(queue);
  }

  databaseFlushed(database: number): void {
    for (const [waitedFor, queues] of this.#queues) {
      if (database !== -1 && waitedFor !== database) continue;
      for (const queue of queues.values()) if (queue.removalCount > 0) this.#makeReady(queue);
    }
  }

  databasesSwapped(database: number, other: number): void {
    for (const swapped of [database, other]) {
      for (const queue of this.#queues.get(swapped)?.values() ?? []) this.#makeReady(queue);
    }
  }

  indexCreated(): void {}

  indexDropped(): void {}

  indexSealed(): void {}

  indexBackfilled(): void {}

  #makeReady(queue: WaitQueue<W>): void {
    if (queue.isReady) return;
    queue.isReady = true;
    this.#ready.push(queue);
  }
}
