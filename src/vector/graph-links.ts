/**
 * A graph's links on their way to a file and back (`kernel/link-dump.h`, `kernel/link-load.h`), as
 * pieces of words that mean nothing here.
 *
 * A dump is of the place where the index was sealed just now, whatever is written after it. Links
 * come back into a fresh index once its documents were added with the ids that they had; they are
 * checked on the kernel's threads, and refused whole: then the graph is built as ever. Searches are
 * complete all the while.
 */
import type { KernelEngine } from "./kernel-addon.ts";
import type { GraphDump, GraphLinks } from "./vector-index.ts";

/** What of its index the links need. */
export interface LinkedIndex {
  readonly number: number;
  readonly isClosed: boolean;
  /** Figures that the kernel answers with, or null where there are none. */
  question(ask: (ticket: number) => void): Promise<Uint32Array | null>;
  /** All changes so far are cut off, as by a seal; or one more is not. */
  setUnsealed(isUnsealed: boolean): void;
}

export class KernelLinks implements GraphLinks {
  readonly #engine: KernelEngine;
  readonly #index: LinkedIndex;

  constructor(engine: KernelEngine, index: LinkedIndex) {
    this.#engine = engine;
    this.#index = index;
  }

  dump(): GraphDump {
    const engine = this.#engine;
    const index = this.#index;
    engine.dump(index.number);
    return {
      async next() {
        if (index.isClosed) return undefined;
        const piece = await index.question((ticket) => engine.dumpPiece(index.number, ticket));
        return piece ?? undefined;
      },
      end() {
        if (!index.isClosed) engine.endDump(index.number);
      },
    };
  }

  hold(): void {
    this.#engine.holdForLinks(this.#index.number);
  }

  take(piece: Uint32Array): void {
    this.#engine.takeLinks(this.#index.number, piece);
  }

  async load(): Promise<string | undefined> {
    const { number } = this.#index;
    this.#index.setUnsealed(false);
    await this.#index.question((ticket) => this.#engine.loadLinks(number, ticket));
    if (this.#index.isClosed) return undefined;
    const problem = this.#engine.linkProblem(number);
    // What is built instead ends in a batch that nobody has cut off.
    if (problem !== undefined) this.#index.setUnsealed(true);
    return problem;
  }

  giveUp(): void {
    this.#engine.giveUpLinks(this.#index.number);
  }
}
