/**
 * What the golden logs of versions 1 and 2 hold: every effect that version 1 knows, over several
 * records, segments and epochs. Never change it; a later format gets a golden log of its own, and
 * so do effects that came later: the second one holds those of a server that fills indexes.
 */
import { type Effect, EffectId } from "../../src/keyspace/effect.ts";

export const goldenSegmentBytes = 2048;

const database = 0;
const long = Buffer.alloc(600, "long ");

/** Of an index on "d:" by a numeric field n, as definitions of version 2 have it. */
const definition = Buffer.from(
  "0200000000000000f03f00008056febc784200000000000000000100000002000000643a000000000001000101000000" +
    "6e010000006e0000",
  "hex",
).toString("latin1");
const document = (key: string, n: string): Effect => ({
  id: EffectId.hashSet,
  database,
  key,
  pairs: ["n", n],
});

/**
 * Two processes: the first dies in the backfill of `filled`, the second goes on with it. Of
 * `unfilled` no slice follows: that is what a log looks like where backfills were not written yet.
 */
export const goldenIndexEpochs: readonly (readonly (readonly Effect[])[])[] = [
  [
    [document("d:1", "1"), document("d:2", "2"), document("other", "0")],
    [document("d:3", "3"), document("d:4", "4")],
    [{ id: EffectId.indexCreate, name: "filled", definition }],
    [{ id: EffectId.indexBackfill, name: "filled", left: 3, keys: ["d:4", "d:3"] }],
    [document("d:1", "10")],
  ],
  [
    [document("d:5", "5")],
    [{ id: EffectId.indexBackfill, name: "filled", left: 0, keys: ["d:2"] }],
    [{ id: EffectId.indexSeal, name: "filled" }],
    [{ id: EffectId.indexCreate, name: "unfilled", definition }],
    [document("d:6", "6")],
  ],
];

/** By id: as they came into it. */
export const goldenFilledKeys = ["d:4", "d:3", "d:1", "d:5", "d:2", "d:6"];

/** Epochs, of units, of effects. */
export const goldenEpochs: readonly (readonly (readonly Effect[])[])[] = [
  [
    [{ id: EffectId.stringSet, database, key: "flushed", value: "", expiryMs: 0 }],
    [{ id: EffectId.allFlush }],
    [{ id: EffectId.stringSet, database, key: "string", value: "value", expiryMs: 0 }],
    [{ id: EffectId.stringSet, database: 3, key: "a\0\xff", value: long, expiryMs: 1.9e12 }],
    [
      { id: EffectId.stringAppend, database, key: "string", value: "-more" },
      { id: EffectId.stringSetRange, database, key: "string", offset: 12, value: "end" },
      { id: EffectId.expirySet, database, key: "string", expiryMs: 2_000_000_000_000 },
    ],
    [
      { id: EffectId.hashSet, database, key: "hash", pairs: ["f", "1", "g", long, "h", ""] },
      { id: EffectId.hashDelete, database, key: "hash", fields: ["h"] },
    ],
    [
      { id: EffectId.listPushRight, database, key: "list", values: ["b", "c", "d", "e", "f"] },
      { id: EffectId.listPushLeft, database, key: "list", values: ["a", "z"] },
      { id: EffectId.listPopLeft, database, key: "list", count: 1 },
      { id: EffectId.listPopRight, database, key: "list", count: 1 },
      { id: EffectId.listSet, database, key: "list", index: 1, value: "B" },
      { id: EffectId.listInsert, database, key: "list", index: 2, value: "between" },
      { id: EffectId.listRemove, database, key: "list", indexes: [0, 3] },
      { id: EffectId.listTrim, database, key: "list", start: 0, count: 2 },
    ],
  ],
  [
    [
      {
        id: EffectId.keyRestore,
        database,
        key: "restored:string",
        value: { type: "string", value: "s" },
        expiryMs: 0,
      },
      {
        id: EffectId.keyRestore,
        database,
        key: "restored:hash",
        value: { type: "hash", pairs: ["x", "y"] },
        expiryMs: 2_000_000_000_000,
      },
      {
        id: EffectId.keyRestore,
        database,
        key: "restored:list",
        value: { type: "list", values: ["p", "q"] },
        expiryMs: 0,
      },
    ],
    [
      { id: EffectId.stringSet, database: 5, key: "gone", value: "1", expiryMs: 0 },
      { id: EffectId.stringSet, database: 5, key: "expired", value: "1", expiryMs: 1 },
      { id: EffectId.keyDelete, database: 5, key: "gone", reason: "deleted" },
      { id: EffectId.keyDelete, database: 5, key: "expired", reason: "expired" },
    ],
    [
      { id: EffectId.stringSet, database: 6, key: "six", value: "6", expiryMs: 0 },
      { id: EffectId.databaseSwap, database: 6, other: 7 },
      { id: EffectId.stringSet, database: 8, key: "eight", value: "8", expiryMs: 0 },
      { id: EffectId.databaseFlush, database: 8 },
    ],
    [
      { id: EffectId.indexCreate, name: "kept", definition: "opaque" },
      { id: EffectId.indexCreate, name: "dropped", definition: "opaque" },
      { id: EffectId.indexDrop, name: "dropped" },
    ],
  ],
];

/** When version 2's golden log, which has the same effects, says that its records were sealed. */
export const goldenTimeMs = (sequence: number): number => 1_700_000_000_000 + sequence;

/** The keys that are left: `database:key`, in order. */
export const goldenKeys = [
  "0:string",
  "0:hash",
  "0:list",
  "0:restored:string",
  "0:restored:hash",
  "0:restored:list",
  "3:a\0\xff",
  "7:six",
];
