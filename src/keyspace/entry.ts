/**
 * Entries: what the keyspace holds under a key, as it was when it was looked up.
 *
 * A short string lives in the database's arena and is copied out; a hash or a list is the object
 * itself, which `apply*.ts` alone may change. An empty hash or list never stays in the keyspace.
 */
import type { Bytes } from "../base/bytes.ts";
import type { ChunkedList } from "../data/chunked-list.ts";
import type { HashValue } from "./hash-value.ts";

export interface StringValue {
  readonly type: "string";
  readonly bytes: Bytes;
}

export interface ListValue {
  readonly type: "list";
  readonly values: ChunkedList<Bytes>;
}

export type Value = StringValue | HashValue | ListValue;
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
