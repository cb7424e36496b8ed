/**
 * The catalog: every index by name, and the one listener through which changes reach them.
 *
 * Contract of what commands and the engine use; `search/indexer.ts` holds the implementation.
 * The only way to create or drop an index is an effect (IndexCreate, IndexDrop), which comes back
 * here as a change, in serving and in recovery alike.
 */
import type { SearchIndex } from "./search-index.ts";

/** Keys that were there before an index and come into it next, in this order. */
export interface BackfillSlice {
  readonly name: string;
  /** Places of the walk over existing keys that are left behind it; 0: it was the last one. */
  readonly left: number;
  readonly keys: readonly string[];
}

/** How slices become effects of the log, which bring them back to the catalog as a change. */
export interface SliceWriter {
  /** False for a while: slices wait. */
  mayWrite(): boolean;
  write(slice: BackfillSlice): void;
}

export interface SearchCatalog {
  find(name: string): SearchIndex | undefined;
  /** In order of creation. */
  names(): readonly string[];
  /** Called by the executor after it appended a unit: indexes that it touched have ingested it. */
  markIngested(sequence: number): void;
  /** INFO's sections about search, each `# search_...` with its lines. */
  infoSections(): readonly { readonly name: string; readonly lines: readonly string[] }[];
  /**
   * Indexes whose writers have rested so long that their graphs should take in the last, incomplete
   * batch; whoever asks, every so often, appends the effect that does it.
   */
  indexesToSeal(nowMs: number): readonly string[];
  /**
   * This process is primary from here on: it goes on with what is still to be indexed of existing
   * keys, between commands. Who only reads the log takes the slices that stand there.
   */
  startBackfills(writer: SliceWriter): void;
  /** What is left stays for whoever is primary next. */
  stopBackfills(): void;
  readonly usedBytes: number;
}
