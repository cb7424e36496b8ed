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
  /** Frees it on the engine's threads; its searches stay unanswered. */
  dropIndex(index: number): void;
  add(index: number, id: number, vector: Uint8Array): void;
  remove(index: number, id: number): boolean;
  /** Lets the threads know of the changes so far. */
  build(index: number): void;
  /** Cuts the sequence, so that everything so far can come into the graph. */
  seal(index: number): void;
  /** Answers the ticket once everything so far is in the graph. */
  watch(index: number, ticket: number): void;
  /** Answers the ticket with the graph's checksums, once no batch is under way. */
  checksum(index: number, ticket: number): void;
  /** Fills in the figures, by `KernelFigure`. */
  progress(index: number, figures: Float64Array): void;
  /** Copies the words of a filter, which searches then name by the number that it gets. */
  keepFilter(words: Uint32Array): number;
  /** Searches that were submitted still see it. */
  dropFilter(filter: number): void;
  submit(searches: Uint32Array, wordCount: number): void;
  /** Words written; 0: none left; negative: the next answer needs that many. */
  takeAnswers(answers: Uint32Array): number;
  /** Joins the threads; nothing is answered any more, and every call does nothing. */
  close(): void;
}

export const KernelFigure = {
  count: 0,
  /** Nodes, tombstones included. */
  nodeCount: 1,
  tombstoneCount: 2,
  /** Adds, removes and seals that are not in the graph yet. */
  waitingCount: 3,
  /** Of live vectors; codes and links of live nodes. */
  valueBytes: 4,
  codeBytes: 5,
  linkBytes: 6,
  /** Values and nodes of what was removed and is still held. */
  tombstoneBytes: 7,
  tableBytes: 8,
  /** Not 0 once memory ran out: the tail stays a tail. */
  isOutOfMemory: 9,
} as const;
export const kernelFigureCount = 10;

export function loadKernel(): KernelAddon {
  const file = new URL("./kernel/build/Release/vector-kernel.node", import.meta.url);
  return loadAddon(file) as KernelAddon;
}
