/**
 * The FLAT indexes and their search threads: who gets an answer that came back. Scans run on any
 * thread.
 */
import type { Clock, Timers } from "../runtime/clock.ts";
import type { Workers } from "../runtime/workers.ts";
import { BlockPool } from "./block-pool.ts";
import { FlatIndex } from "./flat-index.ts";
import { LATE } from "./reply-batch.ts";
import { ThreadPool } from "./thread-pool.ts";
import type { VectorIndex, VectorParameters } from "./vector-index.ts";
import type { SearchThreadReply } from "./vector-protocol.ts";

export interface FlatIndexesParts {
  readonly workers: Workers;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly onFailure: (failure: Error) => void;
}

export class FlatIndexes {
  readonly #parts: FlatIndexesParts;
  readonly #pool: ThreadPool;
  readonly #blocks: BlockPool;
  readonly #indexes: Map<number, FlatIndex>;
  #nextNumber: number;

  constructor(parts: FlatIndexesParts, threadCount: number) {
    this.#parts = parts;
    this.#blocks = new BlockPool();
    this.#indexes = new Map();
    this.#nextNumber = 0;
    this.#pool = new ThreadPool(parts.workers, parts.timers, threadCount, {
      onReply: (thread, reply) => this.#takeReply(thread, reply),
      onFailure: (failure) => this.#fail(failure),
    });
  }

  create(parameters: VectorParameters): VectorIndex {
    const number = this.#nextNumber;
    this.#nextNumber += 1;
    const index = new FlatIndex(parameters, {
      number,
      pool: this.#pool,
      blocks: this.#blocks,
      clock: this.#parts.clock,
      timers: this.#parts.timers,
      onClose: () => this.#indexes.delete(number),
    });
    this.#indexes.set(number, index);
    return index;
  }

  async close(): Promise<void> {
    for (const index of [...this.#indexes.values()]) index.close();
    await this.#pool.close();
  }

  #takeReply(thread: number, reply: SearchThreadReply): void {
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
