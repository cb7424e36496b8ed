/**
 * What crosses between the event loop and the search threads. Messages to a thread come in batches
 * (one for each turn of the event loop) and are carried out in order.
 *
 * Rows and bitmaps are shared memory; only small things are copied.
 */
import type { VectorParameters } from "./vector-index.ts";

export type SharedWords = Uint32Array<SharedArrayBuffer>;

export interface CreateCommand {
  readonly kind: "create";
  readonly index: number;
  readonly parameters: VectorParameters;
}

export interface BlockCommand {
  readonly kind: "block";
  readonly index: number;
  readonly memory: WebAssembly.Memory;
}

export interface CloseCommand {
  readonly kind: "close";
  readonly index: number;
}

/** Rows to scan: those in a bitmap of slots (words `from` to `to`), or a list of slots. */
export type ScanSource =
  | { readonly kind: "words"; readonly words: SharedWords; from: number; to: number }
  | { readonly kind: "slots"; readonly slots: Uint32Array };

export interface SearchCommand {
  readonly kind: "search";
  readonly index: number;
  readonly request: number;
  readonly query: Uint8Array;
  readonly k: number;
  /** Infinity for the nearest `k`; a range search has `k` Infinity. */
  readonly radius: number;
  /** Over document ids. A list of slots was filtered already and needs none. */
  readonly filter: SharedWords | null;
  readonly scan: ScanSource;
  /** Unix time after which nobody waits any more. */
  readonly deadlineMs: number;
}

export type SearchThreadCommand = CreateCommand | BlockCommand | CloseCommand | SearchCommand;

export interface SearchThreadReply {
  /** In threes: index, request, and how many neighbors it has in the arrays below. */
  readonly requests: Float64Array;
  readonly ids: Uint32Array;
  readonly distances: Float32Array;
}
