/**
 * fold(log) is fold(snapshot + tail): what random commands of all types did is there after a start
 * from a snapshot, made in many passes or in one, of the log or of another snapshot, whatever was
 * trimmed below; with encodings, every key in a scan, and every document in its indexes.
 */
import { describe, expect, onTestFailed, test } from "vitest";
import { encodingOf } from "../../src/commands/generic/object-encoding.ts";
import { keyspaceDigest } from "../../src/commands/server/digest.ts";
import { EffectId } from "../../src/keyspace/effect.ts";
import { defaultEncodingLimits } from "../../src/keyspace/encoding-limits.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import type { Catalog } from "../../src/search/indexer.ts";
import { EntryDigest } from "../../src/snapshot/entry-digest.ts";
import { loadEffects } from "../../src/snapshot/load-effects.ts";
import { FoldDriver } from "../keyspace/fold-driver.ts";
import { seededRandom as randomOf } from "../support/command-grammar.ts";
import { InProcessServer, present } from "../support/in-process-server.ts";
import { indexed } from "../support/indexed-keyspace.ts";
import { entriesOf } from "../support/keyspace-entries.ts";
import { append, closeFolder, makeSnapshot, openFolder } from "../support/snapshot-folder.ts";

const COMMAND_COUNT = Number(process.env["LODESTONE_SNAPSHOT_COMMANDS"] ?? 6000);
const SEEDS = 3;
const base = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 2 ** 31);
const seeds = Array.from({ length: SEEDS }, (_, index) => base + index);
const TIMEOUT_MS = 120_000 + COMMAND_COUNT * 10;

function digestOf(keyspace: Keyspace): EntryDigest {
  const digest = new EntryDigest();
  for (const [database, store] of keyspace.databases.entries()) {
    for (const [key, entry] of entriesOf(store)) digest.add(database, key, entry);
  }
  return digest;
}

/** What commands can see of every key, in the order of names. */
function seen(keyspace: Keyspace): unknown {
  return keyspace.databases.map((store) => {
    const scanned: string[] = [];
    let cursor = 0;
    do cursor = store.scan(cursor, 7, (key) => scanned.push(key));
    while (cursor !== 0);
    expect(new Set(scanned).size).toBe(store.keyCount);
    return entriesOf(store)
      .map(([key, { value, expiryMs }]) => {
        const encoding = encodingOf(value, defaultEncodingLimits());
        const size = value.type === "string" || value.type === "list" ? value.length : undefined;
        return `${key} ${value.type} ${encoding} ${expiryMs} ${size}`;
      })
      .sort();
  });
}

function documentsOf(catalog: Catalog): unknown {
  return catalog.names().map((name) => {
    const keys: string[] = [];
    const { documents } = present(catalog.find(name));
    documents.live.forEach((id) => {
      keys.push(present(documents.keyOf(id)));
    });
    return [name, keys.sort()];
  });
}

/** Lets the primary's backfills run to their end. */
function finishBackfills(catalog: Catalog, keyspace: Keyspace, soon: (() => void)[]): void {
  catalog.startBackfills({
    mayWrite: () => true,
    write: (slice) => keyspace.apply({ id: EffectId.indexBackfill, ...slice }, 0),
  });
  for (let run = soon.shift(); run !== undefined; run = soon.shift()) run();
  for (const name of catalog.names()) {
    expect(present(catalog.find(name)).isBackfilling).toBe(false);
  }
}

describe("snapshot and tail", () => {
  test.each(seeds)("are the log, seed %i", { timeout: TIMEOUT_MS }, async (seed) => {
    onTestFailed(() => console.error(`LODESTONE_TEST_SEED=${seed}`));
    const random = randomOf(seed);
    const disk = new FakeDisk(seededRandom(seed));
    const serverSoon: (() => void)[] = [];
    let catalog: Catalog | undefined;
    let isEnding = false;
    const server: InProcessServer = new InProcessServer({
      seed,
      makeCatalog: (keyspace) => {
        catalog = indexed(keyspace, (run) => {
          // The backfills of the one that dies stop anywhere.
          if (!isEnding && random() < 0.5) server.world.soon(run);
          else serverSoon.push(run);
        });
        return catalog;
      },
    });
    const driver = new FoldDriver(server, randomOf(seed));
    let folder = await openFolder(disk);
    let snapshotCount = 0;
    let passCount = 0;
    for (let part = 0; part < 6; part += 1) {
      for (let done = 0; done < COMMAND_COUNT / 6; done += 1) driver.step();
      await append(folder, server.sink.units.splice(0));
      if (part === 5 || random() < 0.3) continue;
      const memoryBytes = random() < 0.5 ? 2 ** 40 : 1 + server.keyspace.usedBytes / 8;
      const made = await makeSnapshot(disk, folder, memoryBytes);
      snapshotCount += 1;
      passCount += made.passCount;
      if (random() < 0.7) await folder.driver.trim(made.baseSequence);
      if (random() < 0.7) continue;
      await closeFolder(folder);
      folder = await openFolder(disk);
      expect(folder.recovered.snapshot?.sequence).toBe(made.sequence);
    }
    driver.finish();
    await append(folder, server.sink.units.splice(0));
    await closeFolder(folder);
    expect(passCount).toBeGreaterThanOrEqual(snapshotCount);

    const soon: (() => void)[] = [];
    const keyspace = new Keyspace();
    const restored = indexed(keyspace, (run) => soon.push(run));
    const last = await openFolder(disk, keyspace);
    expect(seen(keyspace)).toEqual(seen(server.keyspace));
    expect(keyspaceDigest(keyspace)).toBe(keyspaceDigest(server.keyspace));
    expect(digestOf(keyspace)).toEqual(digestOf(server.keyspace));
    expect(keyspace.indexDefinitions).toEqual(server.keyspace.indexDefinitions);
    restored.endRecovery();
    finishBackfills(restored, keyspace, soon);
    isEnding = true;
    server.world.advance(1);
    finishBackfills(present(catalog), server.keyspace, serverSoon);
    server.world.advance(1);
    expect(documentsOf(restored)).toEqual(documentsOf(present(catalog)));
    await closeFolder(last);
  });

  test.each(seeds)("a value that comes in parts is the value, seed %i", (seed) => {
    const server = new InProcessServer({ seed });
    const driver = new FoldDriver(server, randomOf(seed));
    for (let done = 0; done < 3000; done += 1) driver.step();
    driver.finish();
    const copy = new Keyspace();
    let partCount = 0;
    for (const [database, store] of server.keyspace.databases.entries()) {
      for (const [key, entry] of entriesOf(store)) {
        // A long string is extended in place: its first part is long.
        const isString = entry.value.type === "string";
        for (const effect of loadEffects(database, key, entry, isString ? 600 : 20)) {
          copy.apply(effect, 0);
          partCount += 1;
        }
      }
    }
    expect(partCount).toBeGreaterThan(server.keyspace.keyCount(0));
    expect(seen(copy)).toEqual(seen(server.keyspace));
    expect(keyspaceDigest(copy)).toBe(keyspaceDigest(server.keyspace));
    expect(digestOf(copy)).toEqual(digestOf(server.keyspace));
  });

  test("a backfill that a death stopped ends with every document, though keys came back in another order", async () => {
    const disk = new FakeDisk(seededRandom(1));
    const folder = await openFolder(disk);
    const server = new InProcessServer({});
    const client = server.connect();
    for (let index = 0; index < 300; index += 1) client.post("HSET", `hash:${index}`, "f", "v");
    await append(folder, server.sink.units.splice(0));
    await makeSnapshot(disk, folder, 2 ** 40);
    client.post("FT.CREATE", "i", "SCHEMA", "f", "TAG");
    const created = server.sink.units.splice(0);
    // The first half of the walk, from the last place down.
    const left = 150;
    const keys = entriesOf(server.keyspace.databases[0])
      .slice(left)
      .map(([key]) => key);
    const slice = { id: EffectId.indexBackfill, name: "i", left, keys };
    await append(folder, [...created, { effects: [slice] }]);
    await closeFolder(folder);
    const soon: (() => void)[] = [];
    const keyspace = new Keyspace();
    const catalog = indexed(keyspace, (run) => soon.push(run));
    await closeFolder(await openFolder(disk, keyspace));
    expect(present(catalog.find("i")).isBackfilling).toBe(true);
    finishBackfills(catalog, keyspace, soon);
    expect(present(catalog.find("i")).documents.live.count).toBe(300);
  });
});
