/**
 * The search threads. What is sent in one turn of the event loop leaves as one message for each
 * thread, in order. A thread that dies is fatal: reported once, and everything that waits is told.
 */
import type { Timers } from "../runtime/clock.ts";
import type { WorkerHandle, Workers } from "../runtime/workers.ts";
import type { SearchThreadCommand, SearchThreadReply } from "./vector-protocol.ts";

export interface ThreadPoolHandlers {
  onReply(thread: number, reply: SearchThreadReply): void;
  onFailure(failure: Error): void;
}

const ENTRY = new URL("./search-thread.ts", import.meta.url);

export class ThreadPool {
  /** Searches under way, by thread. */
  readonly load: number[];
  failure: Error | null;
  readonly #threads: WorkerHandle[];
  readonly #outgoing: SearchThreadCommand[][];
  readonly #timers: Timers;
  #isFlushDue: boolean;
  #next: number;

  constructor(workers: Workers, timers: Timers, count: number, handlers: ThreadPoolHandlers) {
    this.load = new Array<number>(count).fill(0);
    this.failure = null;
    this.#outgoing = Array.from({ length: count }, () => []);
    this.#timers = timers;
    this.#isFlushDue = false;
    this.#next = 0;
    this.#threads = this.#outgoing.map((_, thread) =>
      workers.start(ENTRY, `search-${thread}`, null, {
        onMessage: (message) => handlers.onReply(thread, message as SearchThreadReply),
        onFailure: (failure) => {
          if (this.failure !== null) return;
          this.failure = failure;
          handlers.onFailure(failure);
        },
      }),
    );
  }

  get count(): number {
    return this.#threads.length;
  }

  send(thread: number, command: SearchThreadCommand): void {
    this.#outgoing[thread].push(command);
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    this.#timers.soon(() => this.#flush());
  }

  sendAll(command: SearchThreadCommand): void {
    for (let thread = 0; thread < this.count; thread += 1) this.send(thread, command);
  }

  /** The thread with the least to do. */
  leastLoaded(): number {
    this.#next = (this.#next + 1) % this.count;
    let best = this.#next;
    let bestLoad = Number.POSITIVE_INFINITY;
    for (let step = 0; step < this.count; step += 1) {
      const thread = (this.#next + step) % this.count;
      const load = this.load[thread];
      if (load >= bestLoad) continue;
      best = thread;
      bestLoad = load;
    }
    return best;
  }

  async close(): Promise<void> {
    this.failure ??= new Error("the vector engine is closed");
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }

  #flush(): void {
    this.#isFlushDue = false;
    for (let thread = 0; thread < this.count; thread += 1) {
      const batch = this.#outgoing[thread];
      if (batch.length === 0) continue;
      this.#outgoing[thread] = [];
      this.#threads[thread].post(batch);
    }
  }
}
