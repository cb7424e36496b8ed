/**
 * A query as it was written, before the schema and PARAMS are known: what the parser gives and the
 * checker (`check.ts`) and the evaluator (`evaluate.ts`) read. Immutable, so that it can be cached.
 *
 * `offset` is the place in the query's text, for errors.
 */

/** A value in the text, or the name of one in PARAMS. */
export type Operand =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "parameter"; readonly name: string };

export interface Bound {
  readonly value: Operand;
  readonly isExclusive: boolean;
  /** `-$parameter`. */
  readonly isNegated: boolean;
}

export interface TagValue {
  readonly value: Operand;
  readonly isPrefix: boolean;
}

/** `fields` is null where any TEXT attribute will do. */
export type TextFields = readonly string[] | null;

export interface RangeNode {
  readonly kind: "range";
  readonly offset: number;
  readonly field: string;
  readonly radius: Operand;
  readonly vector: Operand;
  /** undefined: the distance is not yielded. */
  readonly distanceName: string | undefined;
  readonly epsilon: Operand | undefined;
}

export type QueryNode =
  | { readonly kind: "all" }
  | { readonly kind: "and" | "or"; readonly children: readonly QueryNode[] }
  | { readonly kind: "not" | "optional"; readonly child: QueryNode }
  | {
      readonly kind: "tag";
      readonly offset: number;
      readonly field: string;
      readonly values: readonly TagValue[];
    }
  | {
      readonly kind: "numeric";
      readonly offset: number;
      readonly field: string;
      readonly min: Bound;
      readonly max: Bound;
    }
  | {
      readonly kind: "word";
      readonly offset: number;
      readonly fields: TextFields;
      readonly value: Operand;
      readonly isPrefix: boolean;
    }
  | {
      readonly kind: "phrase";
      readonly offset: number;
      readonly fields: TextFields;
      readonly text: string;
    }
  | { readonly kind: "missing"; readonly offset: number; readonly field: string }
  | RangeNode;

export interface NearestClause {
  readonly offset: number;
  readonly field: string;
  readonly k: Operand;
  readonly vector: Operand;
  readonly efRuntime: Operand | undefined;
  readonly batchSize: Operand | undefined;
  readonly policy: "BATCHES" | "ADHOC_BF" | undefined;
  /** undefined: `__<field>_score`. */
  readonly distanceName: string | undefined;
}

export interface ParsedQuery {
  readonly text: string;
  /** null: nothing was asked for, and nothing matches. */
  readonly root: QueryNode | null;
  readonly nearest: NearestClause | undefined;
}
