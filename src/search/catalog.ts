/**
 * The catalog: every index by name, and the one listener through which changes reach them.
 *
 * Contract of what commands and the engine use; `search/indexer.ts` holds the implementation.
 * The only way to create or drop an index is an effect (IndexCreate, IndexDrop), which comes back
 * here as a change, in serving and in recovery alike.
 */
import type { SearchIndex } from "./search-index.ts";

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
  readonly usedBytes: number;
}
