/**
 * What crosses between the event loop and the search threads. Messages to a thread come in batches
 * (one for each turn of the event loop) and are carried out in order, which is what makes a search
 * of the graph see exactly the adds and removes that were made before it.
 *
 * Rows and bitmaps are shared memory; only small things are copied.
 */
import type { VectorParameters } from "./vector-index.ts";

export type SharedWords = Uint32Array<SharedArrayBuffer>;

export interface CreateCommand {
  readonly kind: "create";
  readonly index: number;
  readonly parameters: VectorParameters;
  /** Whether this thread holds the index's graph. */
  readonly isOwner: boolean;
}

export interface BlockCommand {
  readonly kind: "block";
  readonly index: number;
  readonly memory: WebAssembly.Memory;
}

/** To the owner: slots to insert, and, as `~slot`, slots to remove, in order. */
export interface ChangeCommand {
  readonly kind: "changes";
  readonly index: number;
  readonly changes: Int32Array;
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
  /** How many documents pass at most; Infinity without a filter. */
  readonly filterCount: number;
  /** 0: the graph is not asked. */
  readonly efRuntime: number;
  readonly scan: ScanSource | null;
  /** Unix time after which nobody waits any more. */
  readonly deadlineMs: number;
}

export type SearchThreadCommand =
  | CreateCommand
  | BlockCommand
  | ChangeCommand
  | CloseCommand
  | SearchCommand;

/** How far an index's graph is. */
export interface GraphReport {
  readonly index: number;
  /** Changes received: removes among them are in force. */
  readonly receivedCount: number;
  /** Changes carried out to the end: adds among them are in the graph. */
  readonly completedCount: number;
  /** Slots that went into the graph since the last report. */
  readonly inserted: Uint32Array;
  readonly tombstoneCount: number;
  readonly graphBytes: number;
}

export interface SearchThreadReply {
  /** In threes: index, request, and how many neighbors it has in the arrays below. */
  readonly requests: Float64Array;
  readonly ids: Uint32Array;
  readonly distances: Float32Array;
  readonly reports: readonly GraphReport[];
}
