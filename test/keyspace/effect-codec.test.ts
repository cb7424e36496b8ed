/**
 * Effects as bytes: golden bytes for each id (what is persisted never changes its meaning), and
 * bytes that nobody vouches for, which are an effect or a MalformedBytes and never anything else.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteReader, MalformedBytes } from "../../src/base/byte-reader.ts";
import { ByteWriter } from "../../src/base/byte-writer.ts";
import { ID_MAX, ID_MIN, idOf } from "../../src/data/stream-id.ts";
import type { Effect } from "../../src/keyspace/effect.ts";
import { EffectId } from "../../src/keyspace/effect.ts";
import { decodeEffect, encodeEffect } from "../../src/keyspace/effect-codec.ts";
import { decodeWanted } from "../../src/keyspace/effect-skip.ts";
import type { StreamImage } from "../../src/keyspace/effect-stream-image.ts";

const at = { database: 3, key: "k\xff" };
const long = Buffer.alloc(600, "y");

/** Of one entry, 7-0 f v. */
const streamPack = "1d0000000a000101000101018166020001020100010001817602040 1ff".replaceAll(
  " ",
  "",
);
const streamImage: StreamImage = {
  lastId: idOf(7, 0),
  maxDeletedId: idOf(5, 0),
  entriesAdded: 5,
  blocks: [
    { id: idOf(7, 0), pack: Buffer.from(streamPack, "hex").latin1Slice(0, streamPack.length / 2) },
  ],
  groups: [
    {
      name: "g",
      lastId: idOf(7, 0),
      entriesRead: -1,
      consumers: [
        { name: "c", seenMs: 128, activeMs: -1 },
        { name: "d", seenMs: 129, activeMs: 129 },
      ],
      pending: [{ id: idOf(7, 0), consumerIndex: 1, deliveredMs: 7, deliveryCount: 3 }],
    },
  ],
};

/** Id, example, bytes. Rows are added, never changed: logs that are out there hold them. */
const golden: readonly (readonly [number, Effect, string])[] = [
  [
    1,
    { id: EffectId.stringSet, ...at, value: "v", expiryMs: 2 ** 40 + 7 },
    "01 03 020000006bff 0100000076 0700000000010000",
  ],
  [2, { id: EffectId.keyDelete, ...at, reason: "deleted" }, "02 03 020000006bff 00"],
  [2, { id: EffectId.keyDelete, ...at, reason: "expired" }, "02 03 020000006bff 01"],
  [2, { id: EffectId.keyDelete, ...at, reason: "evicted" }, "02 03 020000006bff 02"],
  [3, { id: EffectId.expirySet, ...at, expiryMs: 5 }, "03 03 020000006bff 0500000000000000"],
  [4, { id: EffectId.stringAppend, ...at, value: "" }, "04 03 020000006bff 00000000"],
  [
    5,
    { id: EffectId.stringSetRange, ...at, offset: 258, value: "v" },
    "05 03 020000006bff 02010000 0100000076",
  ],
  [
    6,
    { id: EffectId.keyRestore, ...at, value: { type: "string", value: "v" }, expiryMs: 1 },
    "06 03 020000006bff 01 0100000076 0100000000000000",
  ],
  [
    6,
    { id: EffectId.keyRestore, ...at, value: { type: "hash", pairs: ["f", "v"] }, expiryMs: 0 },
    "06 03 020000006bff 02 02000000 0100000066 0100000076 0000000000000000",
  ],
  [
    8,
    {
      id: EffectId.keyLoad,
      ...at,
      value: { type: "set", members: ["m"] },
      encodingMark: 2,
      expiryMs: 1,
    },
    "08 03 020000006bff 04 01000000 010000006d 02 0100000000000000",
  ],
  [
    9,
    { id: EffectId.keyExtend, ...at, value: { type: "string", value: "v" }, encodingMark: 1 },
    "09 03 020000006bff 01 0100000076 01",
  ],
  [
    6,
    { id: EffectId.keyRestore, ...at, value: { type: "list", values: ["v"] }, expiryMs: 0 },
    "06 03 020000006bff 03 01000000 0100000076 0000000000000000",
  ],
  [
    6,
    { id: EffectId.keyRestore, ...at, value: { type: "set", members: ["m"] }, expiryMs: 0 },
    "06 03 020000006bff 04 01000000 010000006d 0000000000000000",
  ],
  [
    7,
    {
      id: EffectId.stringSplice,
      ...at,
      splices: [
        { offset: 258, removedCount: 3, value: "v" },
        { offset: 0, removedCount: 0, value: "" },
      ],
    },
    "07 03 020000006bff 02000000 02010000 03000000 0100000076 00000000 00000000 00000000",
  ],
  [
    10,
    { id: EffectId.hashSet, ...at, pairs: ["f", "v"] },
    "0a 03 020000006bff 02000000 0100000066 0100000076",
  ],
  [11, { id: EffectId.hashDelete, ...at, fields: ["f"] }, "0b 03 020000006bff 01000000 0100000066"],
  [
    6,
    {
      id: EffectId.keyRestore,
      ...at,
      value: { type: "fields", pairs: ["f", "v"], isLarge: true, expiriesMs: [2 ** 40 + 7] },
      expiryMs: 9,
    },
    "06 03 020000006bff 0a 01 02000000 0100000066 0100000076 01000000 0700000000010000 0900000000000000",
  ],
  [
    6,
    {
      id: EffectId.keyRestore,
      ...at,
      value: { type: "fields", pairs: ["f", "v"], isLarge: false, expiriesMs: [] },
      expiryMs: 0,
    },
    "06 03 020000006bff 0a 00 02000000 0100000066 0100000076 00000000 0000000000000000",
  ],
  [
    12,
    { id: EffectId.hashUpdate, ...at, pairs: ["f", "v"] },
    "0c 03 020000006bff 02000000 0100000066 0100000076",
  ],
  [
    13,
    { id: EffectId.hashFieldExpiry, ...at, expiryMs: 2 ** 40 + 7, fields: ["f"] },
    "0d 03 020000006bff 0700000000010000 01000000 0100000066",
  ],
  [
    20,
    { id: EffectId.listPushLeft, ...at, values: ["v"] },
    "14 03 020000006bff 01000000 0100000076",
  ],
  [
    21,
    { id: EffectId.listPushRight, ...at, values: ["v"] },
    "15 03 020000006bff 01000000 0100000076",
  ],
  [22, { id: EffectId.listPopLeft, ...at, count: 9 }, "16 03 020000006bff 09000000"],
  [23, { id: EffectId.listPopRight, ...at, count: 9 }, "17 03 020000006bff 09000000"],
  [
    24,
    { id: EffectId.listSet, ...at, index: 9, value: "v" },
    "18 03 020000006bff 09000000 0100000076",
  ],
  [
    25,
    { id: EffectId.listInsert, ...at, index: 9, value: "v" },
    "19 03 020000006bff 09000000 0100000076",
  ],
  [
    26,
    { id: EffectId.listRemove, ...at, indexes: [1, 9] },
    "1a 03 020000006bff 02000000 01000000 09000000",
  ],
  [
    27,
    { id: EffectId.listTrim, ...at, start: 1, count: 9 },
    "1b 03 020000006bff 01000000 09000000",
  ],
  [
    30,
    { id: EffectId.setAdd, ...at, members: ["m", "\xff"] },
    "1e 03 020000006bff 02000000 010000006d 01000000ff",
  ],
  [31, { id: EffectId.setRemove, ...at, members: ["m"] }, "1f 03 020000006bff 01000000 010000006d"],
  [
    6,
    { id: EffectId.keyRestore, ...at, value: { type: "stream", image: streamImage }, expiryMs: 0 },
    `06 03 020000006bff 06 78 07 78 05 05 01000000 78 07 1d000000${streamPack}
     01000000 0100000067 78 07 00 02000000 0100000063 8001 00 0100000064 8101 8201
     01000000 78 07 01 07 03 0000000000000000`,
  ],
  [
    50,
    { id: EffectId.streamAdd, ...at, streamId: idOf(258, 0), isNewBlock: true, pairs: ["f", "v"] },
    "32 03 020000006bff 68 0102 01 02000000 0100000066 0100000076",
  ],
  [
    51,
    { id: EffectId.streamDelete, ...at, ids: [idOf(258, 0), idOf(258, 1), ID_MAX] },
    `33 03 020000006bff 03000000 68 0102 f0 01 00 ${"ff".repeat(16)}`,
  ],
  [
    52,
    { id: EffectId.streamTrim, ...at, blockCount: 2, entryCount: 300 },
    "34 03 020000006bff 02 ac02",
  ],
  [
    53,
    {
      id: EffectId.streamSetId,
      ...at,
      lastId: idOf(7, 9),
      entriesAdded: 3,
      maxDeletedId: ID_MIN,
    },
    "35 03 020000006bff 70 07 0000000000000009 03 f1",
  ],
  [
    54,
    { id: EffectId.streamGroupCreate, ...at, group: "g", lastId: idOf(7, 0), entriesRead: -1 },
    "36 03 020000006bff 0100000067 78 07 00",
  ],
  [55, { id: EffectId.streamGroupDestroy, ...at, group: "g" }, "37 03 020000006bff 0100000067"],
  [
    56,
    { id: EffectId.streamGroupSetId, ...at, group: "g", lastId: idOf(7, 0), entriesRead: 4 },
    "38 03 020000006bff 0100000067 78 07 05",
  ],
  [
    57,
    { id: EffectId.streamConsumerSet, ...at, group: "g", consumer: "c", seenMs: 5, activeMs: -1 },
    "39 03 020000006bff 0100000067 0100000063 05 00",
  ],
  [
    58,
    { id: EffectId.streamConsumerDelete, ...at, group: "g", consumer: "c" },
    "3a 03 020000006bff 0100000067 0100000063",
  ],
  [
    59,
    {
      id: EffectId.streamDeliver,
      ...at,
      group: "g",
      consumer: "c",
      nowMs: 5,
      lastId: idOf(7, 0),
      entriesRead: 1,
      ids: [idOf(7, 0)],
    },
    "3b 03 020000006bff 0100000067 0100000063 05 78 07 02 01000000 78 07",
  ],
  [
    60,
    {
      id: EffectId.streamClaim,
      ...at,
      group: "g",
      consumer: "c",
      seenMs: 5,
      activeMs: 6,
      deliveredMs: 4,
      ids: [idOf(7, 0), idOf(8, 0)],
      deliveryCounts: [1, 128],
    },
    "3c 03 020000006bff 0100000067 0100000063 05 07 04 02000000 78 07 78 08 01 8001",
  ],
  [
    61,
    { id: EffectId.streamAcknowledge, ...at, group: "g", ids: [idOf(7, 0)] },
    "3d 03 020000006bff 0100000067 01000000 78 07",
  ],
  [
    6,
    {
      id: EffectId.keyRestore,
      ...at,
      value: { type: "zset", members: ["m", ""], scores: [1.5, -0] },
      expiryMs: 0,
    },
    "06 03 020000006bff 05 02000000 000000000000f83f 010000006d 0000000000000080 00000000 0000000000000000",
  ],
  [
    40,
    { id: EffectId.sortedSetAdd, ...at, members: ["m", "\xff"], scores: [-Infinity, 3] },
    "28 03 020000006bff 02000000 000000000000f0ff 010000006d 0000000000000840 01000000ff",
  ],
  [
    41,
    { id: EffectId.sortedSetRemove, ...at, members: ["m"] },
    "29 03 020000006bff 01000000 010000006d",
  ],
  [
    42,
    { id: EffectId.sortedSetRemoveRange, ...at, start: 258, count: 9 },
    "2a 03 020000006bff 02010000 09000000",
  ],
  [100, { id: EffectId.databaseFlush, database: 3 }, "64 03"],
  [101, { id: EffectId.allFlush }, "65"],
  [102, { id: EffectId.databaseSwap, database: 3, other: 4 }, "66 03 04"],
  [110, { id: EffectId.indexCreate, name: "i", definition: "d" }, "6e 0100000069 0100000064"],
  [111, { id: EffectId.indexDrop, name: "i" }, "6f 0100000069"],
  [112, { id: EffectId.indexSeal, name: "i" }, "70 0100000069"],
  [
    113,
    { id: EffectId.indexBackfill, name: "i", left: 258, keys: ["k\xff", ""] },
    "71 0100000069 02010000 02000000 020000006bff 00000000",
  ],
];

function encoded(effect: Effect): Buffer {
  const writer = new ByteWriter(16);
  encodeEffect(writer, effect);
  return Buffer.from(writer.written());
}

const decoded = (bytes: Buffer): Effect => decodeEffect(new ByteReader(bytes));

/** The effect, or the message of the MalformedBytes; anything else fails the test. */
function decodedOrRefused(bytes: Buffer): Effect | string {
  try {
    return decoded(bytes);
  } catch (reason) {
    expect(reason).toBeInstanceOf(MalformedBytes);
    return String(reason);
  }
}

describe("effects as bytes", () => {
  it.each(golden)("keep id %i: %j", (id, effect, text) => {
    const bytes = Buffer.from(text.replaceAll(/\s/g, ""), "hex");
    expect(effect.id).toBe(id);
    expect(encoded(effect).toString("hex")).toBe(bytes.toString("hex"));
    expect(decoded(bytes)).toEqual(effect);
  });

  it("have a golden row for each id", () => {
    const ids = new Set(golden.map(([id]) => id));
    expect(ids).toEqual(new Set(Object.values(EffectId)));
  });

  it("are passed over to where they end", () => {
    for (const [, effect] of golden) {
      const writer = new ByteWriter();
      encodeEffect(writer, effect);
      writer.u8(77);
      const reader = new ByteReader(Buffer.from(writer.written()));
      const wanted = decodeWanted(reader, () => false);
      expect(wanted).toEqual("key" in effect ? undefined : effect);
      expect(reader.u8(), JSON.stringify(effect)).toBe(77);
      const again = new ByteReader(Buffer.from(writer.written()));
      expect(decodeWanted(again, () => true)).toEqual(effect);
    }
  });

  it("keep long values as buffers of their own", () => {
    const bytes = encoded({ id: EffectId.stringSet, ...at, value: long, expiryMs: 0 });
    const effect = decoded(bytes);
    bytes.fill(0);
    expect(effect).toEqual({ id: EffectId.stringSet, ...at, value: long, expiryMs: 0 });
  });

  it("refuse every cut", () => {
    for (const [, effect] of golden) {
      const bytes = encoded(effect);
      for (let end = 0; end < bytes.length; end += 1) {
        expect(decodedOrRefused(bytes.subarray(0, end))).toMatch(/^MalformedBytes: .* at byte/);
      }
    }
  });

  it("are an effect that encodes again, or are refused, whatever is changed in them", () => {
    const example = fc.constantFrom(...golden.map(([, effect]) => effect));
    const change = fc.record({ place: fc.nat(), value: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(example, fc.array(change, { minLength: 1, maxLength: 4 }), (effect, changes) => {
        const bytes = encoded(effect);
        for (const { place, value } of changes) bytes[place % bytes.length] = value;
        const result = decodedOrRefused(bytes);
        if (typeof result !== "string") expect(decoded(encoded(result))).toEqual(result);
      }),
      { numRuns: 5000 },
    );
  });

  it("are refused or read when they are noise, without reserving what is not there", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => {
        decodedOrRefused(Buffer.from(noise));
      }),
      { numRuns: 5000 },
    );
    const manyItems = "15 00 00000000 ffffffff".replaceAll(" ", "");
    expect(decodedOrRefused(Buffer.from(manyItems, "hex"))).toMatch(/4294967295 items do not fit/);
  });
});
