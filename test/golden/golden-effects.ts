/**
 * One effect of each kind at least, with odd values, in an order in which they fit: what the golden
 * log of effects was made of. A new effect comes into a golden log of its own, of its own fixture;
 * nothing here is changed any more, since logs that are out there hold such bytes.
 */
import { ID_MIN, idOf, idOfWide } from "../../src/data/stream-id.ts";
import { type Effect, EffectId, type RestoredValue } from "../../src/keyspace/effect.ts";
import { encodeSchema } from "../../src/search/definition.ts";
import { schemaOf, tag, vector } from "../search/index-support.ts";

const database = 0;
const long = Buffer.alloc(700, "long\xff\0", "latin1");
const FAR_MS = 2 ** 53 - 1;
const ODD = ["", "\0", "\xff", "k\r\n\0\xff", "007", "-0", "9223372036854775807"];

const restore = (key: string, value: RestoredValue, expiryMs = 0): Effect => ({
  id: EffectId.keyRestore,
  database,
  key,
  value,
  expiryMs,
});
const strings: Effect[][] = [
  ...ODD.map((key) => [
    { id: EffectId.stringSet, database, key, value: key, expiryMs: 0 } satisfies Effect,
  ]),
  [{ id: EffectId.stringSet, database: 15, key: "last database", value: long, expiryMs: FAR_MS }],
  [{ id: EffectId.stringAppend, database, key: "grown", value: "" }],
  [
    { id: EffectId.stringAppend, database, key: "grown", value: long },
    { id: EffectId.stringSetRange, database, key: "grown", offset: 1000, value: "\xff" },
    {
      id: EffectId.stringSplice,
      database,
      key: "grown",
      splices: [
        { offset: 0, removedCount: 3, value: "" },
        { offset: 998, removedCount: 0, value: "end" },
      ],
    },
    { id: EffectId.expirySet, database, key: "grown", expiryMs: FAR_MS },
  ],
  [
    { id: EffectId.stringSet, database, key: "d", value: "1", expiryMs: 1 },
    { id: EffectId.stringSet, database, key: "e", value: "1", expiryMs: 1 },
    { id: EffectId.stringSet, database, key: "v", value: "1", expiryMs: 1 },
    { id: EffectId.keyDelete, database, key: "d", reason: "deleted" },
    { id: EffectId.keyDelete, database, key: "e", reason: "expired" },
    { id: EffectId.keyDelete, database, key: "v", reason: "evicted" },
  ],
];

const collections: Effect[][] = [
  [
    { id: EffectId.hashSet, database, key: "hash", pairs: ["", "", "\xff\0", long, "n", "-0"] },
    { id: EffectId.hashUpdate, database, key: "hash", pairs: ["n", "1", "m", "2"] },
    { id: EffectId.hashFieldExpiry, database, key: "hash", expiryMs: FAR_MS, fields: ["", "m"] },
    { id: EffectId.hashDelete, database, key: "hash", fields: ["n"] },
  ],
  [
    { id: EffectId.listPushRight, database, key: "list", values: ["", "1", long, "-1", "\xff"] },
    { id: EffectId.listPushLeft, database, key: "list", values: ["a", "b", "c", "d"] },
    { id: EffectId.listPopLeft, database, key: "list", count: 1 },
    { id: EffectId.listPopRight, database, key: "list", count: 1 },
    { id: EffectId.listSet, database, key: "list", index: 0, value: "\0" },
    { id: EffectId.listInsert, database, key: "list", index: 7, value: "last" },
    { id: EffectId.listRemove, database, key: "list", indexes: [1, 3] },
    { id: EffectId.listTrim, database, key: "list", start: 1, count: 4 },
  ],
  [
    { id: EffectId.setAdd, database, key: "integers", members: ["3", "-9223372036854775808"] },
    { id: EffectId.setAdd, database, key: "set", members: ODD },
    { id: EffectId.setRemove, database, key: "set", members: ["", "007"] },
  ],
  [
    {
      id: EffectId.sortedSetAdd,
      database,
      key: "zset",
      members: ODD,
      scores: [0, -Infinity, Infinity, 5e-324, -0.1, 1.7976931348623157e308, 2 ** 53],
    },
    { id: EffectId.sortedSetRemove, database, key: "zset", members: ["-0"] },
    { id: EffectId.sortedSetRemoveRange, database, key: "zset", start: 1, count: 1 },
  ],
];

const group = { database, key: "stream", group: "g\0" };
const streams: Effect[][] = [
  [
    {
      id: EffectId.streamAdd,
      database,
      key: "stream",
      streamId: idOf(0, 1),
      isNewBlock: true,
      pairs: ["", ""],
    },
    ...[5, 6, 7, 8].map(
      (ms): Effect => ({
        id: EffectId.streamAdd,
        database,
        key: "stream",
        streamId: idOf(ms, 0),
        isNewBlock: ms === 7,
        pairs: ["f", String(ms), "\xff", long],
      }),
    ),
    { id: EffectId.streamDelete, database, key: "stream", ids: [idOf(6, 0)] },
    { id: EffectId.streamTrim, database, key: "stream", blockCount: 0, entryCount: 1 },
    {
      id: EffectId.streamSetId,
      database,
      key: "stream",
      lastId: idOfWide(2n ** 64n - 2n, 2n ** 64n - 1n),
      entriesAdded: 2 ** 52,
      maxDeletedId: idOf(6, 0),
    },
  ],
  [
    { id: EffectId.streamGroupCreate, ...group, lastId: ID_MIN, entriesRead: -1 },
    { id: EffectId.streamGroupSetId, ...group, lastId: idOf(5, 0), entriesRead: 2 ** 52 },
    { id: EffectId.streamConsumerSet, ...group, consumer: "", seenMs: FAR_MS - 1, activeMs: -1 },
    {
      id: EffectId.streamDeliver,
      ...group,
      consumer: "c",
      nowMs: 1,
      lastId: idOf(8, 0),
      entriesRead: 3,
      ids: [idOf(5, 0), idOf(7, 0), idOf(8, 0)],
    },
    {
      id: EffectId.streamClaim,
      ...group,
      consumer: "d\xff",
      seenMs: 0,
      activeMs: 2,
      deliveredMs: 3,
      ids: [idOf(7, 0), idOf(8, 0)],
      deliveryCounts: [1, 2 ** 40],
    },
    { id: EffectId.streamAcknowledge, ...group, ids: [idOf(8, 0)] },
    { id: EffectId.streamConsumerSet, ...group, consumer: "gone", seenMs: 1, activeMs: 1 },
    { id: EffectId.streamConsumerDelete, ...group, consumer: "gone" },
    { id: EffectId.streamGroupCreate, ...group, group: "gone", lastId: ID_MIN, entriesRead: 0 },
    { id: EffectId.streamGroupDestroy, ...group, group: "gone" },
  ],
];

const pack = Buffer.from("1d0000000a0001010001010181660200010201000100018176020401ff", "hex");
const image = {
  lastId: idOf(7, 0),
  maxDeletedId: idOf(5, 0),
  entriesAdded: 5,
  blocks: [{ id: idOf(7, 0), pack: pack.toString("latin1") }],
  groups: [
    {
      name: "",
      lastId: idOf(7, 0),
      entriesRead: -1,
      consumers: [{ name: "c", seenMs: 128, activeMs: -1 }],
      pending: [{ id: idOf(7, 0), consumerIndex: 0, deliveredMs: 7, deliveryCount: 3 }],
    },
  ],
};
const later = idOf(9, 0);

const whole: Effect[][] = [
  [
    restore("restored string", { type: "string", value: long }, FAR_MS),
    restore("restored hash", { type: "hash", pairs: ["", "\0"] }),
    restore("restored fields", {
      type: "fields",
      pairs: ["a", "", "b", long],
      isLarge: true,
      expiriesMs: [0, FAR_MS],
    }),
    restore("restored list", { type: "list", values: ["", long, "1"] }),
    restore("restored set", { type: "set", members: ODD }),
    restore("restored zset", { type: "zset", members: ["", "\xff"], scores: [Infinity, -1] }),
    restore("restored stream", { type: "stream", image }),
  ],
  [
    {
      id: EffectId.keyLoad,
      database,
      key: "loaded set",
      value: { type: "set", members: ["1"] },
      encodingMark: 2,
      expiryMs: FAR_MS,
    },
    {
      id: EffectId.keyExtend,
      database,
      key: "loaded set",
      value: { type: "set", members: ["", "2"] },
      encodingMark: 2,
    },
    {
      id: EffectId.keyLoad,
      database,
      key: "loaded stream",
      value: { type: "stream", image },
      encodingMark: 0,
      expiryMs: 0,
    },
    {
      id: EffectId.keyExtend,
      database,
      key: "loaded stream",
      value: {
        type: "stream",
        image: {
          ...image,
          lastId: later,
          blocks: [{ id: later, pack: pack.toString("latin1") }],
          groups: [],
        },
      },
      encodingMark: 0,
    },
  ],
];

const global: Effect[][] = [
  [
    { id: EffectId.stringSet, database: 8, key: "eight", value: "8", expiryMs: 0 },
    { id: EffectId.databaseFlush, database: 8 },
    { id: EffectId.stringSet, database: 6, key: "six", value: "6", expiryMs: 0 },
    { id: EffectId.databaseSwap, database: 6, other: 7 },
  ],
  [{ id: EffectId.hashSet, database, key: "d:1", pairs: ["t", "a", "v", "\0\0\x80?\0\0\0\0"] }],
  [
    {
      id: EffectId.indexCreate,
      name: "index \xff",
      definition: encodeSchema(schemaOf([tag("t"), vector("v", 2, { m: 2 })], ["d:"])),
    },
    { id: EffectId.indexCreate, name: "gone", definition: encodeSchema(schemaOf([tag("t")])) },
  ],
  [
    { id: EffectId.indexBackfill, name: "index \xff", left: 0, keys: ["d:1"] },
    { id: EffectId.indexSeal, name: "index \xff" },
    { id: EffectId.indexDrop, name: "gone" },
  ],
];

/** Records of two epochs; in each unit the effects that belong together. */
export const goldenEffectEpochs: readonly (readonly (readonly Effect[])[])[] = [
  [
    [{ id: EffectId.stringSet, database, key: "flushed", value: "", expiryMs: 0 }],
    [{ id: EffectId.allFlush }],
    ...strings,
    ...collections,
  ],
  [...streams, ...whole, ...global],
];
