/**
 * Blocks of shared memory that indexes take and give back. All have one size, so that any index can
 * use any block: what a dropped index held is used by the next, and does not wait for collectors
 * of several threads to notice that nobody holds it. Memory that was never written costs nothing.
 *
 * They are WebAssembly memories, so that `float32-scan.ts` can read rows in place.
 */
const PAGE_BYTES = 65_536;
export const BLOCK_BYTES = 32 * 1024 * 1024;

export class BlockPool {
  readonly #free: WebAssembly.Memory[];

  constructor() {
    this.#free = [];
  }

  /** Holds whatever was in it before; null where the system has no memory. */
  take(): WebAssembly.Memory | null {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const pages = BLOCK_BYTES / PAGE_BYTES;
    try {
      return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    } catch (failure) {
      if (failure instanceof RangeError) return null;
      throw failure;
    }
  }

  /**
   * The threads have, in their order, heard of the index's end before they hear of its next use.
   */
  give(blocks: readonly WebAssembly.Memory[]): void {
    this.#free.push(...blocks);
  }
}
