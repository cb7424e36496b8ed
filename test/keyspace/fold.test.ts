/**
 * State = fold(apply, effects): what random commands did to one keyspace, their effects do to
 * another after a way through bytes, with the indexes that were filled meanwhile; and the accounted
 * size never drifts from what a count from scratch gives.
 */
import { describe, expect, it, onTestFailed } from "vitest";
import { ByteReader } from "../../src/base/byte-reader.ts";
import { ByteWriter } from "../../src/base/byte-writer.ts";
import { toBinaryString } from "../../src/base/bytes.ts";
import { encodingOf } from "../../src/commands/generic/object-encoding.ts";
import type { Database } from "../../src/keyspace/database.ts";
import { type Effect, EffectId } from "../../src/keyspace/effect.ts";
import { decodeEffect, encodeEffect } from "../../src/keyspace/effect-codec.ts";
import { defaultEncodingLimits } from "../../src/keyspace/encoding-limits.ts";
import type { Entry, Value } from "../../src/keyspace/entry.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import { flatValue } from "../../src/keyspace/restored-value.ts";
import { streamImage, streamOf } from "../../src/keyspace/stream-image.ts";
import type { Catalog } from "../../src/search/indexer.ts";
import { seededRandom } from "../support/command-grammar.ts";
import { InProcessServer, present } from "../support/in-process-server.ts";
import { indexed } from "../support/indexed-keyspace.ts";
import { entriesOf } from "../support/keyspace-entries.ts";
import { FoldDriver } from "./fold-driver.ts";

/** Of all sequences together. */
const COMMAND_COUNT = Number(process.env["LODESTONE_FOLD_COMMANDS"] ?? 60_000);
const SEQUENCES = 8;
const SEQUENCE_COMMANDS = Math.ceil(COMMAND_COUNT / SEQUENCES);
/** The copy is brought up to date, and compared, each time so many commands have run. */
const COMPARED_EVERY = Math.max(500, Math.ceil(SEQUENCE_COMMANDS / 50));
/** For a busy machine: a hang must end, and a million commands must not. */
const TIMEOUT_MS = 120_000 + SEQUENCE_COMMANDS * 10;
/** What the test adds up to must have changed something, most of the time. */
const EFFECTS_PER_COMMAND_MIN = 0.1;

const base = Number(process.env["LODESTONE_SEED"] ?? Date.now() % 2 ** 31);
const seeds = Array.from({ length: SEQUENCES }, (_, index) => base + index);

/** Documents by their ids, which depend on the order in which keys came. */
function indexesOf(catalog: Catalog): unknown {
  return catalog.names().map((name) => {
    const documents: unknown[] = [];
    const { documents: table, isBackfilling } = present(catalog.find(name));
    table.live.forEach((id) => {
      documents.push([id, table.keyOf(id)]);
    });
    return [name, isBackfilling, documents];
  });
}

function throughBytes(effects: readonly Effect[]): Effect[] {
  const writer = new ByteWriter(16);
  for (const effect of effects) encodeEffect(writer, effect);
  const reader = new ByteReader(Buffer.from(writer.written()));
  const decoded = effects.map(() => decodeEffect(reader));
  expect(reader.remaining).toBe(0);
  return decoded;
}

function plainValue(value: Value): unknown {
  if (value.type === "string") return toBinaryString(value.bytes);
  if (value.type === "list") return [...value].map(toBinaryString);
  if (value.type === "set") return [...value];
  if (value.type === "zset") {
    const scanned: string[] = [];
    value.scan(0, value.size, (member) => scanned.push(member));
    return { ...value.flat(), isSkipList: value.isSkipList, scanned };
  }
  if (value.type === "stream") return flatValue(value);
  const fields = [...value].map(([field, bytes]) => [
    field,
    toBinaryString(bytes),
    value.expiryMsOf(field),
  ]);
  return { fields, isLarge: value.isLarge };
}

/** Everything that two nodes must agree on, in order; times of access are each node's own. */
function stateOf(keyspace: Keyspace): unknown {
  return keyspace.databases.map((database) => ({
    entries: entriesOf(database).map(([key, { value, expiryMs, sizeBytes }]) => [
      key,
      value.type,
      encodingOf(value, defaultEncodingLimits()),
      plainValue(value),
      expiryMs,
      sizeBytes,
    ]),
    expiringKeys: expiringKeysOf(database),
  }));
}

function expiringKeysOf(database: Database): string[] {
  return Array.from({ length: database.expiringCount }, (_, place) =>
    database.keyAt(database.expiringAt(place)),
  );
}

/** What the entry costs in a keyspace that has seen nothing else. */
function freshCost(key: string, entry: Entry): number {
  const keyspace = new Keyspace(1);
  keyspace.databases[0].put(key, entry.value, entry.expiryMs);
  return keyspace.usedBytes;
}

function expectSound(keyspace: Keyspace): void {
  let usedBytes = 0;
  for (const database of keyspace.databases) {
    const expiringKeys = new Set(expiringKeysOf(database));
    let fieldExpiringCount = 0;
    expect(expiringKeys.size).toBe(database.expiringCount);
    for (const [key, entry] of entriesOf(database)) {
      usedBytes += freshCost(key, entry);
      expect(expiringKeys.delete(key)).toBe(entry.expiryMs !== 0);
      const { value } = entry;
      if (value.type === "hash") {
        expect(value.size).toBeGreaterThan(0);
        const expiring = value.expiringCount === 0 ? undefined : value.earliestExpiryMs;
        expect(database.fieldExpiryMsOf(key)).toBe(expiring);
        if (expiring !== undefined) fieldExpiringCount += 1;
      } else if (value.type === "list") expect(value.length).toBeGreaterThan(0);
      else if (value.type === "set") expect(value.size).toBeGreaterThan(0);
      else if (value.type === "stream") {
        expect(value.costBytes).toBe(streamOf(streamImage(value)).costBytes);
      }
    }
    expect(expiringKeys.size).toBe(0);
    expect(database.fieldExpiringCount).toBe(fieldExpiringCount);
  }
  expect(keyspace.usedBytes).toBe(usedBytes);
}

interface Pair {
  readonly server: InProcessServer;
  readonly catalog: Catalog;
  readonly copy: Keyspace;
  readonly copyCatalog: Catalog;
}

function newPair(seed: number): Pair {
  let catalog: Catalog | undefined;
  const server: InProcessServer = new InProcessServer({
    seed,
    makeCatalog: (keyspace) => {
      catalog = indexed(keyspace, (run) => server.world.soon(run));
      return catalog;
    },
  });
  const copy = new Keyspace();
  const copyCatalog = indexed(copy, () => expect.fail("who only reads starts no backfill"));
  return { server, catalog: present(catalog), copy, copyCatalog };
}

/** Applies what came since the last time, and compares all; how many effects there were. */
function catchUp({ server, copy }: Pair): number {
  const units = server.sink.units.splice(0);
  const effects = units.flatMap((unit) => unit.effects);
  for (const effect of throughBytes(effects)) copy.apply(effect, 0);
  expect(stateOf(copy)).toEqual(stateOf(server.keyspace));
  expect(copy.usedBytes).toBe(server.keyspace.usedBytes);
  expectSound(server.keyspace);
  return effects.length;
}

describe("fold(effects)", () => {
  it.each(seeds)("is the state, seed %i", { timeout: TIMEOUT_MS }, (seed) => {
    onTestFailed(() => console.error(`LODESTONE_SEED=${seed}`));
    const pair = newPair(seed);
    const { server, copy } = pair;
    const driver = new FoldDriver(server, seededRandom(seed));
    let effectCount = 0;
    for (let done = 1; done <= SEQUENCE_COMMANDS; done += 1) {
      driver.step();
      if (done % COMPARED_EVERY === 0) effectCount += catchUp(pair);
    }
    driver.finish();
    const client = server.connect();
    client.post("HSET", "hash:last", "f", "v");
    client.post("FT.CREATE", "last", "SCHEMA", "f", "TAG");
    server.world.advance(1);
    const last = server.sink.units.flatMap((unit) => unit.effects);
    expect(last.some(({ id }) => id === EffectId.indexBackfill)).toBe(true);
    effectCount += catchUp(pair);
    expect(effectCount).toBeGreaterThan(SEQUENCE_COMMANDS * EFFECTS_PER_COMMAND_MIN);
    expect(copy.indexDefinitions).toEqual(server.keyspace.indexDefinitions);
    expect(indexesOf(pair.copyCatalog)).toEqual(indexesOf(pair.catalog));
    expectSound(copy);
  });

  it("leaves no byte accounted for when every key was deleted, one by one", () => {
    onTestFailed(() => console.error(`LODESTONE_SEED=${base}`));
    const server = new InProcessServer({ seed: base });
    const driver = new FoldDriver(server, seededRandom(base));
    for (let done = 0; done < 2000; done += 1) driver.step();
    driver.finish();
    const client = server.connect();
    for (const [index, database] of server.keyspace.databases.entries()) {
      client.post("SELECT", index);
      for (const [key] of entriesOf(database)) client.post("DEL", key);
    }
    expect(server.keyspace.usedBytes).toBe(0);
    expectSound(server.keyspace);
  });
});
