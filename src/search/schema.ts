/**
 * What FT.CREATE declared: immutable, and exactly what `definition.ts` persists.
 */
import type { VectorParameters } from "../vector/vector-index.ts";

interface AttributeBase {
  /** The hash field that it is read from. */
  readonly identifier: string;
  /** The name that queries use; the identifier unless AS was given. */
  readonly alias: string;
  readonly isSortable: boolean;
  readonly isUnnormalized: boolean;
  readonly isNotIndexed: boolean;
  readonly isMissingIndexed: boolean;
}

export interface TagDeclaration extends AttributeBase {
  readonly type: "TAG";
  readonly separator: string;
  readonly isCaseSensitive: boolean;
  readonly isSuffixTrie: boolean;
  readonly isEmptyIndexed: boolean;
}
export interface NumericDeclaration extends AttributeBase {
  readonly type: "NUMERIC";
}
export interface TextDeclaration extends AttributeBase {
  readonly type: "TEXT";
  readonly weight: number;
  readonly isStemmed: boolean;
  readonly isSuffixTrie: boolean;
  readonly isEmptyIndexed: boolean;
}
export interface VectorDeclaration extends AttributeBase {
  readonly type: "VECTOR";
  readonly parameters: VectorParameters;
}

export type AttributeDeclaration =
  | TagDeclaration
  | NumericDeclaration
  | TextDeclaration
  | VectorDeclaration;

export interface Schema {
  readonly keyType: "HASH";
  /** Binary strings; `[""]` for the whole keyspace. */
  readonly prefixes: readonly string[];
  readonly attributes: readonly AttributeDeclaration[];
  readonly defaultScore: number;
  /** null: the default list. */
  readonly stopwords: readonly string[] | null;
  /** Empty when none was given. Words are matched exactly, so it is only reported back. */
  readonly language: string;
  /** NOOFFSETS and the like, as FT.INFO's `index_options` prints them; they change nothing. */
  readonly options: readonly string[];
  readonly createdAtMs: number;
}
