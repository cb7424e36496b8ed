/**
 * The read side of the keyspace, all that search may see of it.
 */
import type { Bytes } from "../base/bytes.ts";
import type { ChangeListener } from "./change.ts";
import type { Entry } from "./entry.ts";
import type { FieldValue, StoredBytes } from "./stored-bytes.ts";

/** A hash, all that search may do with it. */
export interface HashView extends Iterable<[string, Bytes]> {
  get(field: string): Bytes | undefined;
  /** As it is held: whoever keeps it must not use it after the change that takes it out. */
  held(field: string): FieldValue | undefined;
}

/** Only where a field lives changes here, never what it holds; references stay the field's. */
export interface FieldSharing {
  /** Moves a field into the store, if it is not there; undefined if it cannot be. */
  storeField(database: number, key: string, field: string): StoredBytes | undefined;
  /** Lets a field refer to equal bytes that are stored already. */
  shareField(database: number, key: string, field: string, stored: StoredBytes): StoredBytes;
}

export interface KeyspaceView extends FieldSharing {
  /** The entry, also one whose expiry has passed but whose removal has not happened yet. */
  peek(database: number, key: string): Entry | undefined;
  keyCount(database: number): number;
  /**
   * From 0 to `keyCount`; its key may change with every effect. A walk from the last place down to
   * the first meets all that are there throughout, some maybe twice (`data/dense-places.ts`).
   */
  keyAtPlace(database: number, place: number): string;
  /** All keys, while nothing changes. */
  keys(database: number): IterableIterator<string>;
  addListener(listener: ChangeListener): void;
}
