/**
 * Entries: what the keyspace holds under a key.
 *
 * A hash keeps insertion order and maps binary-string fields to canonical bytes. `sizeBytes` is the
 * accounted size (MEMORY USAGE, maxmemory) and is kept by `apply.ts` as it mutates; an estimate of
 * the V8 and Buffer cost. An empty hash or list never stays in the keyspace.
 */
import type { Bytes } from "../base/bytes.ts";
import type { ChunkedList } from "../data/chunked-list.ts";
import type { DenseOrder } from "../data/dense-order.ts";

export interface StringValue {
  readonly type: "string";
  bytes: Bytes;
}

export interface HashValue {
  readonly type: "hash";
  readonly fields: Map<string, Bytes>;
  /** Whether it ever passed the listpack bounds: `OBJECT ENCODING` never goes back, as in Redis. */
  isLarge: boolean;
  /** Made when HSCAN or HRANDFIELD first asks (`hash-order.ts`). */
  order?: DenseOrder;
}

export interface ListValue {
  readonly type: "list";
  readonly values: ChunkedList<Bytes>;
}

export type Value = StringValue | HashValue | ListValue;
export type ValueType = Value["type"];

export class Entry {
  value: Value;
  /** Absolute, in Unix milliseconds; 0 for none. */
  expiryMs: number;
  lastAccessMs: number;
  sizeBytes: number;

  constructor(value: Value, expiryMs: number, lastAccessMs: number, sizeBytes: number) {
    this.value = value;
    this.expiryMs = expiryMs;
    this.lastAccessMs = lastAccessMs;
    this.sizeBytes = sizeBytes;
  }
}
