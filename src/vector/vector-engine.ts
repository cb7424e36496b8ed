/**
 * The vector engine: the kernel, its threads, and the indexes that share them. Threads start with
 * the first index.
 */
import type { Clock, Timers } from "../runtime/clock.ts";
import { FloatStore } from "./float-store.ts";
import { KernelHost } from "./kernel-host.ts";
import { KernelIndex } from "./kernel-index.ts";
import type { VectorEngine, VectorIndex, VectorParameters } from "./vector-index.ts";

export interface VectorEngineParts {
  readonly clock: Clock;
  readonly timers: Timers;
  /** At least 1. */
  readonly threadCount: number;
}

export function createVectorEngine(parts: VectorEngineParts): KernelVectorEngine {
  return new KernelVectorEngine(parts);
}

export class KernelVectorEngine implements VectorEngine {
  readonly store: FloatStore;
  readonly #kernel: KernelHost;

  constructor({ clock, timers, threadCount }: VectorEngineParts) {
    // At once, so that an addon which was not built stops the start and not the first FT.CREATE.
    this.#kernel = new KernelHost(clock, timers, threadCount);
    this.store = new FloatStore(this.#kernel.engine);
  }

  create(parameters: VectorParameters): VectorIndex {
    return new KernelIndex(parameters, this.#kernel);
  }

  /** Of the whole process: the kernel decides how much the allocator keeps. */
  giveBackFreedPages(): void {
    this.#kernel.addon.giveBackFreedPages();
  }

  async close(): Promise<void> {
    this.#kernel.close();
  }
}
