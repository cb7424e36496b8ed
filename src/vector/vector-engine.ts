/**
 * The vector engine: the search threads, and the indexes that share them.
 *
 * A graph lives on one thread, the one that has the fewest; scans run on any. A thread that dies
 * cannot be replaced (its graphs died with it): every search that waits is told, and `onFailure`,
 * which ends the process.
 */
import type { Clock, Timers } from "../runtime/clock.ts";
import type { Workers } from "../runtime/workers.ts";
import { BlockPool } from "./block-pool.ts";
import { LATE } from "./reply-batch.ts";
import { ThreadPool } from "./thread-pool.ts";
import { ThreadedVectorIndex } from "./threaded-vector-index.ts";
import type { VectorEngine, VectorIndex, VectorParameters } from "./vector-index.ts";
import type { SearchThreadReply } from "./vector-protocol.ts";

export interface VectorEngineParts {
  readonly workers: Workers;
  readonly clock: Clock;
  readonly timers: Timers;
  /** 0: one for each core. */
  readonly threadCount: number;
  /** Called at most once. */
  readonly onFailure: (failure: Error) => void;
}

export function createVectorEngine(parts: VectorEngineParts): VectorEngine {
  return new ThreadedVectorEngine(parts);
}

class ThreadedVectorEngine implements VectorEngine {
  readonly #parts: VectorEngineParts;
  readonly #pool: ThreadPool;
  readonly #blocks: BlockPool;
  readonly #indexes: Map<number, ThreadedVectorIndex>;
  /** How many graphs each thread holds. */
  readonly #graphCounts: number[];
  #nextNumber: number;

  constructor(parts: VectorEngineParts) {
    const count = parts.threadCount > 0 ? parts.threadCount : Math.max(1, parts.workers.coreCount);
    this.#parts = parts;
    this.#blocks = new BlockPool();
    this.#indexes = new Map();
    this.#graphCounts = new Array<number>(count).fill(0);
    this.#nextNumber = 0;
    this.#pool = new ThreadPool(parts.workers, parts.timers, count, {
      onReply: (thread, reply) => this.#takeReply(thread, reply),
      onFailure: (failure) => this.#fail(failure),
    });
  }

  create(parameters: VectorParameters): VectorIndex {
    const number = this.#nextNumber;
    this.#nextNumber += 1;
    const owner = parameters.algorithm === "HNSW" ? this.#chooseOwner() : -1;
    const index = new ThreadedVectorIndex(parameters, {
      number,
      pool: this.#pool,
      blocks: this.#blocks,
      clock: this.#parts.clock,
      timers: this.#parts.timers,
      owner,
      onClose: () => {
        this.#indexes.delete(number);
        if (owner >= 0) this.#graphCounts[owner] -= 1;
      },
    });
    this.#indexes.set(number, index);
    return index;
  }

  async close(): Promise<void> {
    for (const index of [...this.#indexes.values()]) index.close();
    await this.#pool.close();
  }

  #chooseOwner(): number {
    const owner = this.#graphCounts.indexOf(Math.min(...this.#graphCounts));
    this.#graphCounts[owner] += 1;
    return owner;
  }

  #takeReply(thread: number, reply: SearchThreadReply): void {
    for (const report of reply.reports) this.#indexes.get(report.index)?.takeReport(report);
    let offset = 0;
    for (let at = 0; at < reply.requests.length; at += 3) {
      const index = this.#indexes.get(reply.requests[at]);
      const request = reply.requests[at + 1];
      const count = reply.requests[at + 2];
      this.#pool.load[thread] -= 1;
      if (count === LATE) {
        index?.takeAnswer(request, null);
        continue;
      }
      const end = offset + count;
      index?.takeAnswer(request, {
        ids: reply.ids.slice(offset, end),
        distances: reply.distances.slice(offset, end),
      });
      offset = end;
    }
  }

  #fail(failure: Error): void {
    for (const index of this.#indexes.values()) index.fail(failure);
    this.#parts.onFailure(failure);
  }
}
