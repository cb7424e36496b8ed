/**
 * What the indexer asks of each kind of attribute; the query side sees `search-index.ts` instead.
 *
 * `add` either indexes the whole value or says why it cannot, and then has changed nothing.
 */
import type { Bitmap } from "../base/bitmap.ts";
import type { Bytes } from "../base/bytes.ts";

/** The raw values of one hash field by document id: references into the keyspace, no copies. */
export type ValueColumn = (Bytes | undefined)[];

export interface IndexedAttribute {
  /** Undefined when it was indexed, else the reason, for people. */
  add(id: number, value: Bytes): string | undefined;
  /** `value` is what `add` was given for the document, whether it took it or not. */
  remove(id: number, value: Bytes): void;
  /** Documents with a value here. */
  readonly documents: Bitmap;
  readonly usedBytes: number;
  /** Terms, and pairs of term and document, for FT.INFO. */
  readonly termCount: number;
  readonly recordCount: number;
}
