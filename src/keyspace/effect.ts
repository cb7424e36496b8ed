/**
 * Effects: what a command did, as small deterministic mutations. State = fold(apply, effects).
 *
 * - One effect touches one key; those that touch more are marked global.
 * - An effect holds results, never intentions: absolute expiry times, the value after INCRBYFLOAT.
 * - The ids are persisted: append-only, never renumbered
 * (`test/keyspace/effect-codec.test.ts`). `apply.ts` is the only code that mutates a keyspace,
 * in serving and in recovery alike, and `effect-codec.ts` the bytes. Next in the flow:
 * log/appender, and change → search/indexer.
 */
import type { Bytes } from "../base/bytes.ts";
import { type HashEffect, HashEffectId } from "./effect-hash.ts";
import { type LoadEffect, LoadEffectId } from "./effect-load.ts";
import type { Scored, Splice } from "./effect-parts.ts";
import { type SetEffect, SetEffectId } from "./effect-set.ts";
import { type SortedSetEffect, SortedSetEffectId } from "./effect-sorted-set.ts";
import { type StreamEffect, StreamEffectId } from "./effect-stream.ts";
import type { StreamImage } from "./effect-stream-image.ts";

export const EffectId = {
  stringSet: 1,
  keyDelete: 2,
  expirySet: 3,
  stringAppend: 4,
  stringSetRange: 5,
  keyRestore: 6,
  stringSplice: 7,
  ...LoadEffectId,
  hashSet: 10,
  hashDelete: 11,
  ...HashEffectId,
  listPushLeft: 20,
  listPushRight: 21,
  listPopLeft: 22,
  listPopRight: 23,
  listSet: 24,
  listInsert: 25,
  listRemove: 26,
  listTrim: 27,
  ...SetEffectId,
  ...SortedSetEffectId,
  ...StreamEffectId,
  databaseFlush: 100,
  allFlush: 101,
  databaseSwap: 102,
  indexCreate: 110,
  indexDrop: 111,
  indexSeal: 112,
  indexBackfill: 113,
} as const;

/** Sets the whole string; `expiryMs` is absolute, 0 for none (KEEPTTL repeats the present one). */
export interface StringSet {
  readonly id: typeof EffectId.stringSet;
  readonly database: number;
  readonly key: string;
  readonly value: Bytes;
  readonly expiryMs: number;
}

/** `reason` feeds statistics and keyspace events; the state is the same whichever it is. */
export interface KeyDelete {
  readonly id: typeof EffectId.keyDelete;
  readonly database: number;
  readonly key: string;
  readonly reason: "deleted" | "expired" | "evicted";
}

/** `expiryMs` 0 removes the expiry. */
export interface ExpirySet {
  readonly id: typeof EffectId.expirySet;
  readonly database: number;
  readonly key: string;
  readonly expiryMs: number;
}

export interface StringAppend {
  readonly id: typeof EffectId.stringAppend;
  readonly database: number;
  readonly key: string;
  readonly value: Bytes;
}

/** Writes `value` at `offset`, zero-filling the gap. */
export interface StringSetRange {
  readonly id: typeof EffectId.stringSetRange;
  readonly database: number;
  readonly key: string;
  readonly offset: number;
  readonly value: Bytes;
}

/** One after the other. The key is there, and each splice lies inside what it finds. */
export interface StringSplice {
  readonly id: typeof EffectId.stringSplice;
  readonly database: number;
  readonly key: string;
  readonly splices: readonly Splice[];
}

/** Puts a whole value in place of whatever is there (RENAME, COPY, MOVE; later RESTORE). */
export interface KeyRestore {
  readonly id: typeof EffectId.keyRestore;
  readonly database: number;
  readonly key: string;
  readonly value: RestoredValue;
  readonly expiryMs: number;
}

export type RestoredValue =
  | { readonly type: "string"; readonly value: Bytes }
  /** Flat: field, value, field, value. */
  | { readonly type: "hash"; readonly pairs: readonly Bytes[] }
  | RestoredFields
  | { readonly type: "list"; readonly values: readonly Bytes[] }
  | { readonly type: "set"; readonly members: readonly string[] }
  | ({ readonly type: "zset" } & Scored)
  | { readonly type: "stream"; readonly image: StreamImage };

/** A hash of which more is to be kept than its pairs tell. */
export interface RestoredFields {
  readonly type: "fields";
  readonly pairs: readonly Bytes[];
  /** Whether it had passed the bounds of OBJECT ENCODING's `listpack`. */
  readonly isLarge: boolean;
  /** Of each field, absolute, 0 for none; or empty if none expires. */
  readonly expiriesMs: readonly number[];
}

/** `pairs` is flat: field, value, field, value; fields are binary strings, whose expiry goes. */
export interface HashSet {
  readonly id: typeof EffectId.hashSet;
  readonly database: number;
  readonly key: string;
  readonly pairs: readonly Bytes[];
}

/** Deletes fields that exist; the key goes with its last field. */
export interface HashDelete {
  readonly id: typeof EffectId.hashDelete;
  readonly database: number;
  readonly key: string;
  readonly fields: readonly string[];
}

/** Values in the order pushed: the last one ends up outermost. Creates the list. */
export interface ListPush {
  readonly id: typeof EffectId.listPushLeft | typeof EffectId.listPushRight;
  readonly database: number;
  readonly key: string;
  readonly values: readonly Bytes[];
}

/** Removes `count` values (at most the length) from one end; the key goes with the last. */
export interface ListPop {
  readonly id: typeof EffectId.listPopLeft | typeof EffectId.listPopRight;
  readonly database: number;
  readonly key: string;
  readonly count: number;
}

/** `index` is from 0, inside the list. */
export interface ListSet {
  readonly id: typeof EffectId.listSet;
  readonly database: number;
  readonly key: string;
  readonly index: number;
  readonly value: Bytes;
}

/** The new value stands at `index` afterwards; 0 to length. */
export interface ListInsert {
  readonly id: typeof EffectId.listInsert;
  readonly database: number;
  readonly key: string;
  readonly index: number;
  readonly value: Bytes;
}

/** Removes the values at these indexes (ascending, as before any removal). */
export interface ListRemove {
  readonly id: typeof EffectId.listRemove;
  readonly database: number;
  readonly key: string;
  readonly indexes: readonly number[];
}

/** Keeps `count` values from `start`; 0 deletes the key. */
export interface ListTrim {
  readonly id: typeof EffectId.listTrim;
  readonly database: number;
  readonly key: string;
  readonly start: number;
  readonly count: number;
}

/** Global. */
export interface DatabaseFlush {
  readonly id: typeof EffectId.databaseFlush;
  readonly database: number;
}

/** Global. */
export interface AllFlush {
  readonly id: typeof EffectId.allFlush;
}

/** Global. */
export interface DatabaseSwap {
  readonly id: typeof EffectId.databaseSwap;
  readonly database: number;
  readonly other: number;
}

/** Global. `definition` is opaque to the keyspace; search reads it (`search/definition.ts`). */
export interface IndexCreate {
  readonly id: typeof EffectId.indexCreate;
  readonly name: string;
  readonly definition: Bytes;
}

/** Global. */
export interface IndexDrop {
  readonly id: typeof EffectId.indexDrop;
  readonly name: string;
}

/**
 * Global. Writers of the index have rested: its graphs take in all that is there, full batch or
 * not. It changes no answer, and every node that reads it cuts at the same place.
 */
export interface IndexSeal {
  readonly id: typeof EffectId.indexSeal;
  readonly name: string;
}

/**
 * Global. Keys of database 0 that were there before the index come into it, in this order. `left`
 * is how many places of the walk over them are left: at 0 the index has them all.
 */
export interface IndexBackfill {
  readonly id: typeof EffectId.indexBackfill;
  readonly name: string;
  readonly left: number;
  readonly keys: readonly string[];
}

export type KeyEffect =
  | StringSet
  | KeyDelete
  | ExpirySet
  | StringAppend
  | StringSetRange
  | KeyRestore
  | LoadEffect
  | StringSplice
  | HashSet
  | HashDelete
  | HashEffect
  | ListPush
  | ListPop
  | ListSet
  | ListInsert
  | ListRemove
  | ListTrim
  | SetEffect
  | SortedSetEffect
  | StreamEffect;

export type GlobalEffect =
  | DatabaseFlush
  | AllFlush
  | DatabaseSwap
  | IndexCreate
  | IndexDrop
  | IndexSeal
  | IndexBackfill;

export type Effect = KeyEffect | GlobalEffect;
