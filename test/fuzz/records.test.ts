/**
 * Records of the log that are sound as bytes and wrong as effects, with the small numbers (H7), and
 * those that the harness found: each was applied, and ended the server later, or took memory for
 * what it only declared.
 */
import { describe, expect, test } from "vitest";
import { ByteReader } from "../../src/base/byte-reader.ts";
import { idOf } from "../../src/data/stream-id.ts";
import { type Effect, EffectId, type RestoredValue } from "../../src/keyspace/effect.ts";
import { decodeEffect } from "../../src/keyspace/effect-codec.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import { flatValue } from "../../src/keyspace/restored-value.ts";
import { LogDamaged } from "../../src/log/log-driver.ts";
import { applyRecord } from "../../src/node/recover.ts";
import { reportLine } from "../support/harness-report.ts";
import { present } from "../support/in-process-server.ts";
import { fuzzRecords, unitPayload } from "./record-harness.ts";

test("records that were changed behind their checksums are refused, or sound", async () => {
  const report = await fuzzRecords();
  console.log(reportLine(report));
  expect(report.failures).toEqual([]);
  expect(report.figures["accepted"]).toBeGreaterThan(100);
  expect(report.figures["refused"]).toBeGreaterThan(100);
});

test("finds the planted record that is applied although it does not fit", async () => {
  const { failures } = await fuzzRecords((keyspace, { payload }) => {
    const reader = new ByteReader(payload);
    while (reader.remaining > 0) {
      for (let left = reader.u32(); left > 0; left -= 1) keyspace.apply(decodeEffect(reader), 0);
    }
    return 0;
  });
  expect(failures.length).toBeGreaterThan(0);
});

const at = { database: 0, key: "k" };

function replay(...effects: Effect[]): Keyspace {
  const keyspace = new Keyspace();
  for (const [index, effect] of effects.entries()) {
    const payload = unitPayload([effect]);
    const record = { sequence: index + 1, epoch: 1, unitCount: 1, timeMs: 0, payload };
    applyRecord(keyspace, record, 0);
  }
  return keyspace;
}

const restore = (value: RestoredValue): Effect => ({
  id: EffectId.keyRestore,
  ...at,
  value,
  expiryMs: 0,
});

/** That the last of them is refused, by its name. */
function refused(...effects: Effect[]): string {
  replay(...effects.slice(0, -1));
  try {
    replay(...effects);
  } catch (failure) {
    expect(failure).toBeInstanceOf(LogDamaged);
    const text = String(failure);
    expect(text).toContain(`record ${effects.length} of the log is sound but `);
    return text;
  }
  throw new Error("it was applied");
}

const add = (...members: string[]): Effect => ({ id: EffectId.setAdd, ...at, members });
const push = (...values: string[]): Effect => ({ id: EffectId.listPushRight, ...at, values });
const remove = (...indexes: number[]): Effect => ({ id: EffectId.listRemove, ...at, indexes });
const entry = (ms: number): Effect => ({
  id: EffectId.streamAdd,
  ...at,
  streamId: idOf(ms, 0),
  isNewBlock: false,
  pairs: ["f", "v"],
});

describe("refused is", () => {
  test("a write at an offset beyond every limit, before memory is taken for it", () => {
    const before = process.memoryUsage().arrayBuffers;
    const offset = 3 * 2 ** 30;
    const text = refused({ id: EffectId.stringSetRange, ...at, offset, value: "v" });
    expect(text).toMatch(/does not fit .* a string stays within its limit/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
  });

  test.each<[string, Effect]>([
    ["hash", { id: EffectId.hashSet, ...at, pairs: [] }],
    ["list", push()],
    ["set", add()],
    ["sorted set", { id: EffectId.sortedSetAdd, ...at, members: [], scores: [] }],
    ["range of no sorted set", { id: EffectId.sortedSetRemoveRange, ...at, start: 0, count: 0 }],
    ["entry of a stream", { ...entry(1), pairs: [] } as Effect],
    ["restored hash", restore({ type: "hash", pairs: [] })],
    [
      "restored hash with times",
      restore({ type: "fields", pairs: [], isLarge: true, expiriesMs: [] }),
    ],
    ["restored list", restore({ type: "list", values: [] })],
    ["restored set", restore({ type: "set", members: [] })],
    ["restored sorted set", restore({ type: "zset", members: [], scores: [] })],
  ])("an empty %s", (_, effect) => {
    refused(effect);
  });

  test("a member that comes twice, or is there", () => {
    expect(refused(add("1", "2", "1"))).toContain("a member that comes twice");
    expect(refused(add("a", "b"), add("c", "b"))).toContain("a member that is added is new");
    expect(refused(add("1", "2"), add("2"))).toContain("a member that is added is new");
    expect(refused(restore({ type: "set", members: ["a", "a"] }))).toContain("comes twice");
    const many = Array.from({ length: 600 }, (_, index) => `m${index}`);
    expect(refused(add(...many, "m3"))).toContain("a member that is added is new");
  });

  test("a removal from a list whose indexes do not ascend inside it", () => {
    const values = Array.from({ length: 20 }, (_, index) => String(index));
    const ascend = "the indexes of a removal ascend inside the list";
    expect(refused(push(...values), remove(3, 2))).toContain(ascend);
    expect(refused(push(...values), remove(1, 1))).toContain(ascend);
    expect(refused(push(...values), remove(0, 2, 4, 6, 8, 20))).toContain(ascend);
    expect(refused(push(...values), remove(20))).toContain(ascend);
    expect(replay(push(...values), remove(0, 19)).peek(0, "k")?.value).toMatchObject({
      length: 18,
    });
  });

  test("a stream's last id that is before its entries", () => {
    const set: Effect = {
      id: EffectId.streamSetId,
      ...at,
      lastId: idOf(1, 0),
      entriesAdded: 2,
      maxDeletedId: idOf(0, 0),
    };
    expect(refused(entry(1), entry(2), set)).toContain("a stream's last id is behind its entries");
    expect(refused(entry(1), { ...set, entriesAdded: 2 ** 53 - 1 })).toContain("above its limit");
  });

  test("a stream whose blocks, groups or pending entries do not fit each other", () => {
    const keyspace = replay(
      entry(5),
      entry(6),
      { id: EffectId.streamGroupCreate, ...at, group: "g", lastId: idOf(0, 0), entriesRead: 0 },
      {
        id: EffectId.streamDeliver,
        ...at,
        group: "g",
        consumer: "c",
        nowMs: 5,
        lastId: idOf(6, 0),
        entriesRead: 2,
        ids: [idOf(5, 0), idOf(6, 0)],
      },
    );
    const flat = flatValue(present(keyspace.peek(0, "k")).value);
    if (flat.type !== "stream") throw new Error("it is a stream");
    const { image } = flat;
    const [group] = image.groups;
    const [block] = image.blocks;
    const bad = (changes: Partial<typeof image>): string =>
      refused(restore({ type: "stream", image: { ...image, ...changes } }));
    const badGroup = (changes: Partial<typeof group>): string =>
      bad({ groups: [{ ...group, ...changes }] });
    replay(restore(flat));
    expect(bad({ lastId: idOf(5, 0) })).toContain("before its last entry");
    expect(bad({ blocks: [block, block] })).toContain("ids of a stream that do not ascend");
    // Ids are told from their block's.
    expect(bad({ blocks: [{ ...block, id: idOf(5, 1) }] })).toContain("before its last entry");
    expect(bad({ entriesAdded: 2 ** 52 + 1 })).toContain("above its limit");
    expect(bad({ groups: [group, group] })).toContain("a name that comes twice");
    const [consumer] = group.consumers;
    expect(badGroup({ consumers: [consumer, consumer] })).toContain("a name that comes twice");
    expect(badGroup({ pending: [...group.pending].reverse() })).toContain("do not ascend");
    expect(badGroup({ entriesRead: 2 ** 52 + 1 })).toContain("above its limit");
  });
});
