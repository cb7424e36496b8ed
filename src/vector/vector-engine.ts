/**
 * The vector engine: the kernel's threads for HNSW, search threads of our own for FLAT, and the
 * indexes that share them. Threads start with the first index that needs them.
 *
 * A search thread that dies cannot be replaced: every search that waits is told, and `onFailure`,
 * which ends the process.
 */
import type { Clock, Timers } from "../runtime/clock.ts";
import type { Workers } from "../runtime/workers.ts";
import { FlatIndexes } from "./flat-indexes.ts";
import { FloatStore } from "./float-store.ts";
import { KernelHost } from "./kernel-host.ts";
import { KernelIndex } from "./kernel-index.ts";
import type { VectorEngine, VectorIndex, VectorParameters } from "./vector-index.ts";

export interface VectorEngineParts {
  readonly workers: Workers;
  readonly clock: Clock;
  readonly timers: Timers;
  /** 0: one for each core. */
  readonly threadCount: number;
  /** Called at most once. */
  readonly onFailure: (failure: Error) => void;
}

export function createVectorEngine(parts: VectorEngineParts): ThreadedVectorEngine {
  return new ThreadedVectorEngine(parts);
}

export class ThreadedVectorEngine implements VectorEngine {
  readonly store: FloatStore;
  readonly #parts: VectorEngineParts;
  readonly #threadCount: number;
  readonly #kernel: KernelHost;
  #flat: FlatIndexes | null;

  constructor(parts: VectorEngineParts) {
    const { clock, timers, threadCount, workers } = parts;
    this.#parts = parts;
    this.#threadCount = threadCount > 0 ? threadCount : Math.max(1, workers.coreCount);
    // At once, so that an addon which was not built stops the start and not the first FT.CREATE.
    this.#kernel = new KernelHost(clock, timers, this.#threadCount);
    this.store = new FloatStore(this.#kernel.engine);
    this.#flat = null;
  }

  create(parameters: VectorParameters): VectorIndex {
    if (parameters.algorithm === "HNSW") return new KernelIndex(parameters, this.#kernel);
    this.#flat ??= new FlatIndexes(this.#parts, this.#threadCount);
    return this.#flat.create(parameters);
  }

  /** Of the whole process: the kernel decides how much the allocator keeps. */
  giveBackFreedPages(): void {
    this.#kernel.addon.giveBackFreedPages();
  }

  async close(): Promise<void> {
    this.#kernel.close();
    await this.#flat?.close();
  }
}
