/**
 * The vector kernel (`kernel/`) as TypeScript sees it. Every call checks its arguments and throws a
 * TypeError; memory that is not there is an error with code ERR_OUT_OF_MEMORY. Indexes are numbers,
 * and a call with one that was dropped throws.
 *
 * Changes are synchronous; searches and answers cross in batches of words (`kernel/addon/batch.h`).
 */
import { loadAddon } from "../runtime/native.ts";

export interface KernelAddon {
  /** `onAnswers` runs on the event loop, once for all answers that are there by then. */
  createEngine(threadCount: number, onAnswers: () => void): KernelEngine;
  /** To the system, from each thread's part of the allocator; many take some milliseconds. */
  giveBackFreedPages(): void;
}

export interface KernelEngine {
  createIndex(
    type: number,
    metric: number,
    dimensions: number,
    m: number,
    efConstruction: number,
    neighborCodeBits: number,
  ): number;
  /** Without a graph: every search of it is an exact scan. */
  createFlatIndex(type: number, metric: number, dimensions: number): number;
  /** Frees it on the engine's threads; its searches stay unanswered. */
  dropIndex(index: number): void;
  add(index: number, id: number, vector: Uint8Array): void;
  /** The vector is in the float store, in a slot of the index's length that somebody holds. */
  addStored(index: number, id: number, slot: number): void;
  remove(index: number, id: number): boolean;
  /** Lets the threads know of the changes so far. */
  build(index: number): void;
  /** Cuts the sequence, so that everything so far can come into the graph. */
  seal(index: number): void;
  /** Answers the ticket once everything so far is in the graph. */
  watch(index: number, ticket: number): void;
  /** Answers the ticket with the graph's checksums, once no batch is under way. */
  checksum(index: number, ticket: number): void;
  /** Begins a dump of the graph, right after a seal: of everything so far. Another one fails. */
  dump(index: number): void;
  /** Answers the ticket with the words of the dump's next piece; with none where it ends. */
  dumpPiece(index: number, ticket: number): void;
  endDump(index: number): void;
  /** A fresh index with a graph: nothing is built before links come, or are given up. */
  holdForLinks(index: number): void;
  /** A piece of a dump, copied; in their order. */
  takeLinks(index: number, words: Uint32Array): void;
  /** The links are about what was added so far. Answers the ticket once they were checked. */
  loadLinks(index: number, ticket: number): void;
  giveUpLinks(index: number): void;
  /** Why links were refused and the graph is built instead. */
  linkProblem(index: number): string | undefined;
  /** Fills in the figures, by `KernelFigure`. */
  progress(index: number, figures: Float64Array): void;
  /** Copies the words of a filter, which searches then name by the number that it gets. */
  keepFilter(words: Uint32Array): number;
  /** Searches that were submitted still see it. */
  dropFilter(filter: number): void;
  submit(searches: Uint32Array, wordCount: number): void;
  /** Words written; 0: none left; negative: the next answer needs that many. */
  takeAnswers(answers: Uint32Array): number;
  /**
   * Joins the threads; nothing is answered any more, and every call above does nothing. Those below
   * go on: they are about the float store.
   */
  close(): void;
  openOwner(): number;
  /** Holders of the owner let go, among so many slots; false while there are more to look at. */
  releaseOwner(owner: number, slotCountMax: number): boolean;
  /** The slot, among those of its length, that holds the bytes from now on. */
  hold(owner: number, vector: Uint8Array): number;
  /** `into` has the vector's length. */
  readHeld(slot: number, into: Uint8Array): void;
  /** One more holder. */
  share(vectorBytes: number, slot: number): void;
  release(vectorBytes: number, slot: number): void;
  /** Fills in the figures, by `StoreFigure`. */
  storeFigures(figures: Float64Array): void;
}

export const StoreFigure = { usedCount: 0, heldCount: 1, usedBytes: 2, unheldBytes: 3 } as const;
export const storeFigureCount = 4;

export const KernelFigure = {
  count: 0,
  /** Of a graph, tombstones included. */
  nodeCount: 1,
  tombstoneCount: 2,
  /** Adds, removes and seals that are not in the graph yet, or were not taken in. */
  waitingCount: 3,
  /** Of live vectors; codes and links of live nodes. */
  valueBytes: 4,
  codeBytes: 5,
  linkBytes: 6,
  /** Values and nodes of what was removed and is still held. */
  tombstoneBytes: 7,
  tableBytes: 8,
  /** Not 0 once memory ran out: the tail stays a tail, and what was removed is not freed. */
  isOutOfMemory: 9,
  /** Values in the float store, of live vectors and of removed ones, shared or not. */
  storedBytes: 10,
} as const;
export const kernelFigureCount = 11;

/** Whether the kernel says that there is no memory; it has changed nothing then. */
export function isOutOfMemory(failure: unknown): boolean {
  return failure instanceof Error && Reflect.get(failure, "code") === "ERR_OUT_OF_MEMORY";
}

export function loadKernel(): KernelAddon {
  const file = new URL("../../src/vector/kernel/build/Release/vector-kernel.node", import.meta.url);
  return loadAddon(file) as KernelAddon;
}
