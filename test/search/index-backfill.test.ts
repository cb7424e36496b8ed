/**
 * Backfill: in slices, beside writes, with answers that wait for it; and what it tells meanwhile.
 */
import { describe, expect, test } from "vitest";
import { must } from "../../src/base/assert.ts";
import { limits } from "../../src/base/limits.ts";
import { EffectId } from "../../src/keyspace/effect.ts";
import type { BackfillSlice } from "../../src/search/catalog.ts";
import type { LiveIndex } from "../../src/search/live-index.ts";
import {
  DrivenKeyspace,
  floats,
  keysOf,
  makeCatalog,
  numeric,
  schemaOf,
  startBackfills,
  vector,
} from "./index-support.ts";

const schema = schemaOf([numeric("n"), vector("v", 2)], ["d:"]);

function filled(count: number): DrivenKeyspace {
  const keyspace = new DrivenKeyspace();
  for (let place = 0; place < count; place += 1) {
    keyspace.hashSet(0, `d:${place}`, { n: `${place}`, v: floats(place, 0) });
  }
  return keyspace;
}

const countOf = (index: LiveIndex | undefined): number => index?.documents.count ?? 0;

describe("a backfill", () => {
  test("takes existing keys in slices and then lets searches go", async () => {
    const keyspace = filled(100);
    const { catalog, world } = makeCatalog(keyspace);
    world.stepMs = 1;
    keyspace.create("i", schema);
    const index = must(catalog.find("i"), "the index");
    let isComplete = false;
    const waiting = index.whenBackfilled().then(() => {
      isComplete = true;
      expect(index.documents.count).toBe(100);
    });
    expect(index.isBackfilling).toBe(true);
    expect(index.documents.count).toBe(0);
    world.turn();
    expect(index.documents.count).toBeGreaterThan(0);
    expect(index.documents.count).toBeLessThanOrEqual(limits.backfillSliceKeysMax);
    await Promise.resolve();
    expect(isComplete).toBe(false);
    const { backfill } = index.statistics();
    expect(backfill?.keysTotal).toBe(100);
    expect(backfill?.keysDone).toBe(index.documents.count);
    expect(backfill?.rate).toBeGreaterThan(0);
    expect(backfill?.secondsLeft).toBeGreaterThan(0);
    world.settle();
    await waiting;
    expect(isComplete).toBe(true);
    expect(index.isBackfilling).toBe(false);
    await index.whenBackfilled();
  });

  test("meets writes, deletes and renames on the way", () => {
    const keyspace = filled(600);
    const { catalog, world } = makeCatalog(keyspace);
    world.stepMs = 1;
    keyspace.create("i", schema);
    // More keys come in every turn than a slice takes; the backfill ends nevertheless.
    let round = 0;
    for (; world.turn(); round += 1) {
      expect(round).toBeLessThan(100);
      for (let more = 0; more < 40; more += 1) {
        keyspace.hashSet(0, `d:more-${round}-${more}`, { n: "3" });
      }
      keyspace.hashSet(0, `d:${599 - 20 * round}`, { n: "1000" });
      keyspace.delete(0, `d:${round * 30}`);
      keyspace.rename(0, `d:${301 + round}`, `d:renamed-${round}`);
      keyspace.hashSet(0, `d:new-${round}`, { n: "7" });
      keyspace.hashSet(0, `d:${200 + 10 * round}`, { other: "not indexed" });
    }
    expect(round).toBeGreaterThan(10);
    const index = must(catalog.find("i"), "the index");
    const keys = [...keyspace.keys(0)].filter((key) => key.startsWith("d:")).sort();
    expect(keysOf(index, index.documents.live)).toEqual(keys);
    const prices = index.attributes.get("n");
    if (prices?.kind !== "NUMERIC") throw new Error("n is numeric");
    for (const key of keys) {
      const value = keyspace.peek(0, key)?.value;
      const expected = value?.type === "hash" ? Number(value.get("n")) : Number.NaN;
      expect(prices.sortKey(must(index.documents.idOf(key), key)) ?? Number.NaN).toBe(expected);
    }
  });

  test("ends with its index, and starts again with a swap of databases", async () => {
    const keyspace = filled(50);
    keyspace.hashSet(1, "d:other", { n: "1" });
    const { catalog, world } = makeCatalog(keyspace);
    keyspace.create("gone", schema);
    keyspace.create("kept", schema);
    const waiting = must(catalog.find("gone"), "the index").whenBackfilled();
    world.turn();
    keyspace.drop("gone");
    await waiting;
    keyspace.swap();
    world.settle();
    const index = must(catalog.find("kept"), "the index");
    expect(keysOf(index, index.documents.live)).toEqual(["d:other"]);
    keyspace.swap();
    world.settle();
    expect(catalog.find("kept")?.documents.count).toBe(50);
  });

  test("is not begun by who only reads the log, and is gone on with where the log ends", () => {
    const written: BackfillSlice[] = [];
    const first = filled(200);
    const { world: firstWorld } = makeCatalog(first, (slice) => written.push(slice));
    firstWorld.stepMs = 1;
    first.create("i", schema);
    firstWorld.turn();
    firstWorld.turn();
    expect(written.length).toBe(2);

    const second = filled(200);
    const { catalog, world } = makeCatalog(second, null);
    second.create("i", schema);
    const index = must(catalog.find("i"), "the index");
    for (const slice of written) second.apply({ id: EffectId.indexBackfill, ...slice }, 0);
    catalog.endRecovery();
    expect(world.turn()).toBe(false);
    const replayed = written.flatMap(({ keys }) => keys);
    expect(keysOf(index, index.documents.live)).toEqual(replayed.toSorted());
    const { backfill } = index.statistics();
    expect(backfill).toMatchObject({ keysDone: replayed.length, keysTotal: 200 });

    const goneOn: BackfillSlice[] = [];
    startBackfills(second, catalog, (slice) => goneOn.push(slice));
    expect(index.statistics().backfill).toMatchObject({ rate: 0, secondsLeft: -1 });
    world.settle();
    const rest = goneOn.flatMap(({ keys }) => keys);
    expect(new Set([...replayed, ...rest]).size).toBe(200);
    expect(replayed.length + rest.length).toBe(200);
    expect(goneOn.at(-1)?.left).toBe(0);
    expect(index.isBackfilling).toBe(false);
  });

  test("waits while nothing may be written, and stops where it is told to", () => {
    const keyspace = filled(200);
    let mayWrite = false;
    const { catalog, world } = makeCatalog(keyspace, null);
    world.stepMs = 1;
    catalog.startBackfills({
      mayWrite: () => mayWrite,
      write: (slice) => keyspace.apply({ id: EffectId.indexBackfill, ...slice }, 0),
    });
    keyspace.create("i", schema);
    world.advance(1000);
    world.settle();
    expect(countOf(catalog.find("i"))).toBe(0);
    mayWrite = true;
    world.advance(1000);
    expect(world.turn()).toBe(true);
    const taken = countOf(catalog.find("i"));
    expect(taken).toBeGreaterThan(0);
    catalog.stopBackfills();
    world.settle();
    world.advance(1000);
    expect(countOf(catalog.find("i"))).toBe(taken);
    expect(catalog.find("i")?.isBackfilling).toBe(true);
  });

  test("writes each key once, and nothing of what is not its index's", () => {
    const keyspace = filled(100);
    for (let place = 0; place < 1000; place += 1) {
      keyspace.hashSet(0, `other:${place}`, { n: "1" });
      if (place % 10 === 0) keyspace.stringSet(0, `d:string:${place}`, "no hash");
    }
    const written: BackfillSlice[] = [];
    const { world } = makeCatalog(keyspace, (slice) => written.push(slice));
    keyspace.create("i", schema);
    keyspace.hashSet(0, "d:5", { n: "5" });
    keyspace.create("nothing", schemaOf([numeric("n")], ["none:"]));
    world.settle();
    const keys = written.filter(({ name }) => name === "i").flatMap((slice) => slice.keys);
    const expected = Array.from({ length: 100 }, (_, place) => `d:${place}`);
    expect(keys.toSorted()).toEqual(expected.filter((key) => key !== "d:5").toSorted());
    // The last slice is written in any case, or each new process would look for more.
    const ofNothing = written.filter(({ name }) => name === "nothing");
    expect(ofNothing).toEqual([{ name: "nothing", left: 0, keys: [] }]);
  });

  test("notes the record that an index has ingested, and only for indexes that were touched", () => {
    const keyspace = filled(0);
    const { catalog } = makeCatalog(keyspace);
    keyspace.create("d", schema);
    catalog.markIngested(1);
    keyspace.create("e", schemaOf([numeric("n")], ["e:"]));
    catalog.markIngested(2);
    keyspace.hashSet(0, "e:1", { n: "1" });
    catalog.markIngested(3);
    expect(catalog.find("d")?.ingestedSequence).toBe(1);
    expect(catalog.find("e")?.ingestedSequence).toBe(3);
  });
});

describe("progress", () => {
  test("is logged about every second while there is much to do, and once at the end", () => {
    const keyspace = new DrivenKeyspace();
    const { catalog, engine, world } = makeCatalog(keyspace);
    keyspace.create("i", schema);
    keyspace.hashSet(0, "d:1", { v: floats(1, 2) });
    world.advance(1500);
    expect(world.lines).toEqual([]);
    const [remembering] = engine.indexes;
    for (let place = 0; place < 1200; place += 1) {
      keyspace.hashSet(0, `d:${place}`, { v: floats(place, 2) });
    }
    remembering.tailCount = 1100;
    world.advance(1000);
    world.advance(1000);
    expect(world.lines.length).toBe(2);
    expect(world.lines[0].details).toMatchObject({
      index: "i",
      graphDocuments: 100,
      tailDocuments: 1100,
      buildRate: 500,
      secondsLeft: 2,
    });
    remembering.tailCount = 0;
    world.advance(1000);
    world.advance(1000);
    world.advance(1000);
    expect(world.lines.map(({ message }) => message)).toEqual([
      "index is being built",
      "index is being built",
      "index is built",
    ]);
    catalog.close();
  });

  test("is in INFO, under MemoryDB's names", () => {
    const keyspace = filled(50);
    const { catalog, engine, world } = makeCatalog(keyspace);
    world.stepMs = 1;
    keyspace.create("i, one", schema);
    world.turn();
    const during = new Map(catalog.infoSections().map(({ name, lines }) => [name, lines]));
    expect([...during.keys()]).toEqual([
      "search_memory",
      "search_index_stats",
      "search_ingestion",
      "search_backfill",
      "search_progress",
    ]);
    expect(during.get("search_backfill")).toContain("search_num_active_backfills:1");
    expect(during.get("search_progress")?.[0]).toMatch(
      /^search_index_0:name=i\?\?one,state=backfilling,done=\d+,total=50,rate=\d+,seconds_left=\d+,graph=\d+,tail=0$/,
    );
    world.settle();
    engine.indexes[0].tailCount = 20;
    const after = new Map(catalog.infoSections().map(({ name, lines }) => [name, lines]));
    expect(after.get("search_index_stats")).toContain("search_total_indexed_vectors:50");
    expect(after.get("search_ingestion")).toContain(
      "search_background_indexing_status:IN_PROGRESS",
    );
    expect(after.get("search_progress")).toEqual([
      "search_index_0:name=i??one,state=complete,done=50,total=50,rate=500,seconds_left=1," +
        "graph=30,tail=20",
    ]);
    expect(catalog.usedBytes).toBeGreaterThan(50 * 64);
  });
});
