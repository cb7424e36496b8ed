/**
 * The contract between the two halves of the room: the indexer fills these, the query reads them.
 *
 * Every structure is keyed by the document's dense id. An update of a document that changes
 * anything indexed gives it a *new* id (the old one is removed), so an id stands for one version of
 * a document and a search that was under way can tell whether what it found is still what it saw.
 * Bitmaps returned by attributes are the attribute's own: callers clone before they change one.
 */
import type { Bitmap } from "../base/bitmap.ts";
import type { Bytes } from "../base/bytes.ts";
import type { GraphChecksum, VectorIndex, VectorIndexProgress } from "../vector/vector-index.ts";
import type { AttributeDeclaration, Schema } from "./schema.ts";

/** Of the graph of one attribute, by its alias. */
export type NamedChecksum = readonly [alias: string, checksum: GraphChecksum];

export interface DocumentTable {
  /** Ids of documents that are in the index now. */
  readonly live: Bitmap;
  /** Of them, those whose keys have an expiry: only they can have expired. */
  readonly expiring: Bitmap;
  keyOf(id: number): string | undefined;
  idOf(key: string): number | undefined;
  readonly count: number;
  /** How many ids were ever given: a search notes it when it begins. */
  readonly moment: number;
  /** Rises with every id that is given or taken back: while it stays, so does every attribute. */
  readonly changeCount: number;
  /** Whether the id stands for the same version of the same document as at that moment. */
  isUnchangedSince(id: number, moment: number): boolean;
}

export interface TagAttribute {
  readonly kind: "TAG";
  /** Compared as indexed: trimmed, lower-cased unless CASESENSITIVE. */
  documentsWith(tag: string): Bitmap | undefined;
  documentsWithPrefix(prefix: string): Bitmap;
  /** Documents that have the field at all, for `ismissing` and optional terms. */
  readonly documents: Bitmap;
  /** For SORTBY: the field as it was given, undefined when missing. */
  sortKey(id: number): string | undefined;
}

export interface NumericAttribute {
  readonly kind: "NUMERIC";
  documentsBetween(
    min: number,
    max: number,
    isMinExclusive: boolean,
    isMaxExclusive: boolean,
  ): Bitmap;
  readonly documents: Bitmap;
  sortKey(id: number): number | undefined;
}

export interface TextAttribute {
  readonly kind: "TEXT";
  /** Exact words, case-folded, as `tokenize.ts` cuts them. */
  documentsWithWord(word: string): Bitmap | undefined;
  documentsWithPrefix(prefix: string): Bitmap;
  documentsWithPhrase(words: readonly string[]): Bitmap;
  readonly documents: Bitmap;
  sortKey(id: number): string | undefined;
}

export interface VectorAttribute {
  readonly kind: "VECTOR";
  readonly index: VectorIndex;
  /** Where the graph came from: `built`, `loading`, `loaded` or `rebuilt: ` and the reason. */
  graphLoad: string;
  /** Documents that have a vector here. */
  readonly documents: Bitmap;
}

export type Attribute = TagAttribute | NumericAttribute | TextAttribute | VectorAttribute;

/** Fields that could not be indexed; the documents are there without them. */
export interface IndexingFailures {
  readonly count: number;
  /** Empty when there was none. */
  readonly lastError: string;
  readonly lastKey: string;
}

export interface BackfillProgress {
  readonly keysDone: number;
  readonly keysTotal: number;
  /** Keys per second. */
  readonly rate: number;
  /** -1 when unknown. */
  readonly secondsLeft: number;
}

export interface AttributeStatistics {
  readonly declaration: AttributeDeclaration;
  readonly failures: IndexingFailures;
  readonly usedBytes: number;
  /** Of `usedBytes`, what words' positions take. */
  readonly positionBytes: number;
  readonly termCount: number;
  readonly recordCount: number;
  /** Only for vectors. */
  readonly vectors: VectorIndexProgress | undefined;
}

export interface IndexStatistics {
  readonly documentCount: number;
  readonly documentIdsGiven: number;
  readonly documentBytes: number;
  readonly failures: IndexingFailures;
  readonly attributes: readonly AttributeStatistics[];
  /** undefined once every key is indexed. */
  readonly backfill: BackfillProgress | undefined;
  /** All vector attributes together. */
  readonly vectors: VectorIndexProgress;
  /** Until backfill and graph are done; 0 when they are, -1 when unknown. */
  readonly secondsLeft: number;
  readonly usedBytes: number;
  readonly indexingMs: number;
  readonly useCount: number;
  /** `none` without graphs; of several the one that is most worth saying. See `VectorAttribute`. */
  readonly graphLoad: string;
}

export interface SearchIndex {
  readonly name: string;
  readonly schema: Schema;
  readonly documents: DocumentTable;
  /** By alias (the name that queries use); exact, case-sensitive. */
  readonly attributes: ReadonlyMap<string, Attribute>;
  /**
   * What the hashes of live documents have in that field, by id; undefined where no attribute reads
   * it, or one for vectors, whose bytes are elsewhere.
   */
  columnOf(identifier: string): readonly (Bytes | undefined)[] | undefined;
  /** The newest record whose effects are in this index; a search's reply waits for it. */
  readonly ingestedSequence: number;
  /** Resolves at once unless existing keys are still being indexed; a search waits for it. */
  whenBackfilled(): Promise<void>;
  readonly isBackfilling: boolean;
  readonly stopwords: ReadonlySet<string>;
  /** Changes of vectors that no seal has cut off yet. */
  readonly unsealedCount: number;
  /**
   * Resolves once all that is in the index now is in its graphs, for which it must be sealed;
   * existing keys that are still being indexed belong to it.
   */
  whenInGraphs(): Promise<void>;
  graphChecksums(): Promise<readonly NamedChecksum[]>;
  /** Searches that were begun. */
  useCount: number;
  /** For FT.INFO and INFO; costs a walk over the attributes. */
  statistics(): IndexStatistics;
}
