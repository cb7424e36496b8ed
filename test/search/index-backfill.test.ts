/**
 * Backfill: in slices, beside writes, with answers that wait for it; and what it tells meanwhile.
 */
import { describe, expect, test } from "vitest";
import { must } from "../../src/base/assert.ts";
import type { LiveIndex } from "../../src/search/live-index.ts";
import {
  DrivenKeyspace,
  floats,
  keysOf,
  makeCatalog,
  numeric,
  schemaOf,
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
    expect(index.documents.count).toBeLessThan(10);
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
    const keyspace = filled(60);
    const { catalog, world } = makeCatalog(keyspace);
    keyspace.create("i", schema);
    // More keys come in every turn than a slice takes; the backfill ends nevertheless.
    for (let round = 0; world.turn(); round += 1) {
      expect(round).toBeLessThan(100);
      for (let more = 0; more < 5; more += 1) {
        keyspace.hashSet(0, `d:more-${round}-${more}`, { n: "3" });
      }
      keyspace.hashSet(0, `d:${59 - round}`, { n: "1000" });
      keyspace.delete(0, `d:${round * 3}`);
      keyspace.rename(0, `d:${30 + round}`, `d:renamed-${round}`);
      keyspace.hashSet(0, `d:new-${round}`, { n: "7" });
      keyspace.hashSet(0, `d:${20 + round}`, { other: "not indexed" });
    }
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

  test("goes in slices during recovery, which ends once every index is complete", async () => {
    const keyspace = filled(50);
    const { catalog, world } = makeCatalog(keyspace);
    for (const name of ["kept", "other", "dropped"]) keyspace.create(name, schema);
    keyspace.hashSet(0, "d:replayed", { n: "1" });
    keyspace.drop("dropped");
    let isOver = false;
    const ending = catalog.endRecovery().then(() => {
      isOver = true;
    });
    while (must(catalog.find("other"), "the index").isBackfilling) {
      const before = countOf(catalog.find("kept")) + countOf(catalog.find("other"));
      await new Promise<void>((resolve) => setImmediate(resolve));
      expect(isOver).toBe(false);
      expect(world.turn()).toBe(true);
      const after = countOf(catalog.find("kept")) + countOf(catalog.find("other"));
      expect(after - before).toBeLessThan(10);
    }
    await ending;
    for (const name of ["kept", "other"]) {
      expect(catalog.find(name)?.documents.count).toBe(51);
      expect(catalog.find(name)?.isBackfilling).toBe(false);
    }
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
