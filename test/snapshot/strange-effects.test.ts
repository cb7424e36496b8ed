/**
 * Snapshots whose checksums are right and whose effects are not those of a snapshot: each was
 * applied, and ended the start or the server later.
 */
import { expect, test } from "vitest";
import { idOf } from "../../src/data/stream-id.ts";
import { type Effect, EffectId, type RestoredValue } from "../../src/keyspace/effect.ts";
import type { StreamImage } from "../../src/keyspace/effect-stream-image.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import { flatValue } from "../../src/keyspace/restored-value.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { BlockFileKind } from "../../src/snapshot/block-file-format.ts";
import { encodeFooter, SnapshotBlockType } from "../../src/snapshot/snapshot-format.ts";
import { snapshotName } from "../../src/snapshot/snapshot-names.ts";
import { SnapshotDamaged, SnapshotReader } from "../../src/snapshot/snapshot-reader.ts";
import { putTogether } from "../fuzz/block-files.ts";
import { present } from "../support/in-process-server.ts";
import { encoded } from "./graph-host.ts";

const at = { database: 0, key: "k" };
const SEQUENCE = 9;
const { globals, entries } = SnapshotBlockType;

async function load(type: number, effects: readonly Effect[], keyCounts: number[] = [1]) {
  const footer = encodeFooter({
    epoch: 1,
    chain: Buffer.alloc(32),
    timeMs: 0,
    keyCounts,
    digest: { low: 0, high: 0 },
    blocks: [],
  });
  const blocks = effects.map((effect) => ({ type, keyId: 0, payload: encoded(effect) }));
  const header = { kind: BlockFileKind.keyspace, sequence: SEQUENCE, madeAtMs: 0 };
  const end = { type: 0, keyId: 0, payload: Buffer.from(footer) };
  const disk = new FakeDisk(seededRandom(1));
  disk.place(`/data/${snapshotName(SEQUENCE)}`, putTogether({ header, blocks: [...blocks, end] }));
  const keyspace = new Keyspace();
  const reader = await SnapshotReader.open(disk, "/data", SEQUENCE, undefined);
  await reader.load(keyspace, 0, () => undefined);
  return keyspace;
}

async function refused(type: number, effects: readonly Effect[], keyCounts?: number[]) {
  const failure = await load(type, effects, keyCounts).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(failure).toBeInstanceOf(SnapshotDamaged);
  return String(failure);
}

const set: Effect = { id: EffectId.stringSet, ...at, value: "v", expiryMs: 0 };
const first = (value: RestoredValue): Effect => ({
  id: EffectId.keyLoad,
  ...at,
  value,
  encodingMark: 0,
  expiryMs: 0,
});
const next = (value: RestoredValue): Effect => ({
  id: EffectId.keyExtend,
  ...at,
  value,
  encodingMark: 0,
});

test("holds the effects of snapshots alone, each in its type of block", async () => {
  expect((await load(entries, [set])).keyCount(0)).toBe(1);
  for (const effect of [
    { id: EffectId.databaseFlush, database: 200 },
    { id: EffectId.databaseSwap, database: 0, other: 16 },
    { id: EffectId.allFlush },
    { id: EffectId.hashSet, ...at, pairs: ["f", "v"] },
    { id: EffectId.indexCreate, name: "i", definition: "d" },
  ] satisfies Effect[]) {
    expect(await refused(entries, [effect])).toContain(`effect ${effect.id} in a block of type 2`);
  }
  expect(await refused(globals, [set])).toContain("effect 1 in a block of type 1");
});

test("may name databases that are not there as long as nothing is in them", async () => {
  const empty = new Array<number>(30).fill(0);
  expect((await load(entries, [], empty)).keyCount(0)).toBe(0);
  expect(await refused(entries, [set], [1, 7])).toContain("0 keys of database 1 came");
});

test("has no member of a small set in two parts", async () => {
  const members = (...names: string[]): RestoredValue => ({ type: "set", members: names });
  const keyspace = await load(entries, [first(members("a")), next(members("b", "c"))]);
  expect(keyspace.peek(0, "k")?.value).toMatchObject({ size: 3 });
  const text = await refused(entries, [first(members("a", "b")), next(members("c", "b"))]);
  expect(text).toContain("a member that is added is new");
});

function streamOf(...times: number[]): StreamImage {
  const keyspace = new Keyspace();
  for (const ms of times) {
    const pairs = ["f", "v"];
    const streamId = idOf(ms, 0);
    keyspace.apply({ id: EffectId.streamAdd, ...at, streamId, isNewBlock: false, pairs }, 0);
  }
  const flat = flatValue(present(keyspace.peek(0, "k")).value);
  if (flat.type !== "stream") throw new Error("it is a stream");
  return flat.image;
}

test("has the parts of a stream in their order", async () => {
  const part = (...times: number[]): RestoredValue => ({
    type: "stream",
    image: streamOf(...times),
  });
  const keyspace = await load(entries, [first(part(1, 2)), next(part(3))]);
  expect(keyspace.peek(0, "k")?.value).toMatchObject({ lastId: idOf(3, 0) });
  const behind = "a stream's next part is behind the one before";
  expect(await refused(entries, [first(part(1, 3)), next(part(2, 4))])).toContain(behind);
  const groups: RestoredValue = { type: "stream", image: { ...streamOf(1), blocks: [] } };
  expect(await refused(entries, [first(part(1, 3)), next(groups)])).toContain(behind);
});
