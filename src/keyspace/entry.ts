/**
 * Entries: what the keyspace holds under a key, as it was when it was looked up.
 *
 * A short string lives in the database's arena and is copied out; a collection is the object
 * itself, which `apply*.ts` alone may change. None but a stream stays in the keyspace when empty.
 */
import type { HashValue } from "./hash-value.ts";
import type { ListValue } from "./list-value.ts";
import type { SetValue } from "./set-value.ts";
import type { SortedSetValue } from "./sorted-set-value.ts";
import type { StreamValue } from "./stream-value.ts";
import type { StringValue } from "./string-value.ts";

/** What is no string: it keeps account of its own size. */
export type CollectionValue = HashValue | ListValue | SetValue | SortedSetValue | StreamValue;

export type Value = StringValue | CollectionValue;
export type ValueType = Value["type"];

export interface Entry {
  readonly value: Value;
  /** Absolute, in Unix milliseconds; 0 for none. */
  readonly expiryMs: number;
  /** To the second, as Redis has it. */
  readonly lastAccessMs: number;
  /** The accounted size (MEMORY USAGE, maxmemory). */
  readonly sizeBytes: number;
}
