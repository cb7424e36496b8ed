/**
 * State = fold(apply, effects): what random commands did to one keyspace, their effects do to
 * another after a way through bytes, with the indexes that were filled meanwhile; and the accounted
 * size never drifts from what a count from scratch gives.
 */
import { describe, expect, it, onTestFailed } from "vitest";
import { ByteReader } from "../../src/base/byte-reader.ts";
import { ByteWriter } from "../../src/base/byte-writer.ts";
import { toBinaryString } from "../../src/base/bytes.ts";
import type { Command } from "../../src/commands/command.ts";
import { genericCommands } from "../../src/commands/generic/commands.ts";
import { hashCommands } from "../../src/commands/hash/commands.ts";
import { listCommands } from "../../src/commands/list/commands.ts";
import { setCommands } from "../../src/commands/set/commands.ts";
import { sortedSetCommands } from "../../src/commands/sorted-set/commands.ts";
import { streamCommands } from "../../src/commands/stream/commands.ts";
import { stringCommands } from "../../src/commands/string/commands.ts";
import type { Database } from "../../src/keyspace/database.ts";
import { type Effect, EffectId } from "../../src/keyspace/effect.ts";
import { decodeEffect, encodeEffect } from "../../src/keyspace/effect-codec.ts";
import { defaultEncodingLimits } from "../../src/keyspace/encoding-limits.ts";
import type { Entry, Value } from "../../src/keyspace/entry.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import { flatValue } from "../../src/keyspace/restored-value.ts";
import { Catalog } from "../../src/search/indexer.ts";
import { RememberingEngine } from "../search/index-support.ts";
import { pick, type Random, randomCall, seededRandom } from "../support/command-grammar.ts";
import {
  type InProcessClient,
  InProcessServer,
  present,
  silentLogger,
} from "../support/in-process-server.ts";
import { entriesOf } from "../support/keyspace-entries.ts";

const COMMANDS_EACH = 1500;
const LONG_BYTES = 700;
const groups: readonly Command[][] = [
  [...stringCommands],
  [...hashCommands],
  // Who waits for a key would do nothing else any more.
  listCommands.filter(({ flags }) => !flags.includes("blocking")),
  [...setCommands],
  streamCommands.filter(({ flags }) => !flags.includes("blocking")),
  sortedSetCommands.filter(({ flags }) => !flags.includes("blocking")),
  genericCommands.filter(({ name }) => name !== "object"),
];
const base = Number(process.env["LODESTONE_SEED"] ?? Date.now() % 2 ** 31);
const indexes = [
  ["all", ""],
  ["some", "hash"],
] as const;
const seeds = Array.from({ length: 8 }, (_, index) => base + index);

function step(client: InProcessClient, server: InProcessServer, random: Random): void {
  const dice = random();
  if (dice < 0.01) client.post("SELECT", pick(["0", "1", "2"], random));
  else if (dice < 0.02) client.post("SWAPDB", "0", pick(["1", "2"], random));
  else if (dice < 0.023) client.post(pick(["FLUSHDB", "FLUSHALL"], random));
  else if (dice < 0.04) client.post(pick(["MULTI", "EXEC", "DISCARD"], random));
  else if (dice < 0.06) server.world.advance(pick([1, 500, 200_000], random));
  else if (dice < 0.065) client.post("FT.DROPINDEX", pick(["all", "some"], random));
  else if (dice < 0.08) {
    const [name, prefix] = pick(indexes, random);
    client.post("FT.CREATE", name, "PREFIX", "1", prefix, "SCHEMA", "f", "TAG", "n", "NUMERIC");
  } else if (dice < 0.12) {
    const long = pick(["x", "\x00", "\xff"], random).repeat(LONG_BYTES + Math.floor(dice * 1000));
    client.post(pick(["APPEND", "SET", "RPUSH"], random), pick(["a", "b", "list:1"], random), long);
  } else if (dice < 0.18) client.post(...callOnFields(random));
  else client.post(...randomCall(pick(pick(groups, random), random), random));
  client.replies.length = 0;
}

/** The count of fields must be right, which random arguments seldom are. */
function callOnFields(random: Random): string[] {
  const key = pick(["hash:1", "hash:2", "a"], random);
  const time = pick(["1", "300", "100000"], random);
  const field = pick(["f", "g", "field"], random);
  const calls = [
    ["HPEXPIRE", key, time, "FIELDS", "2", field, "f"],
    ["HSETEX", key, "PX", time, "FIELDS", "2", field, "1", "other", "2"],
    ["HSETEX", key, "KEEPTTL", "FIELDS", "1", field, "3"],
    ["HPERSIST", key, "FIELDS", "1", field],
    ["HINCRBY", key, field, "7"],
    ["HGETEX", key, "PX", time, "FIELDS", "1", field],
    ["HGETDEL", key, "FIELDS", "1", field],
    ["HGETALL", key],
    ["COPY", key, pick(["hash:1", "hash:2"], random), "REPLACE"],
  ];
  return pick(calls, random);
}

/** Listens to the keyspace; time moves when it is looked at, so that slices have an end. */
function indexed(keyspace: Keyspace, soon: (run: () => void) => void): Catalog {
  let nowMs = 0;
  const catalog = new Catalog(keyspace, new RememberingEngine(), {
    monotonicMs: () => (nowMs += 0.7),
    soon,
    after: () => ({ cancel() {} }),
    logger: silentLogger,
  });
  keyspace.addListener(catalog);
  return catalog;
}

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
  if (value.type === "list") return [...value.values].map(toBinaryString);
  if (value.type === "set") return [value.encodingName(defaultEncodingLimits()), ...value];
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
      } else if (value.type === "list") expect(value.values.length).toBeGreaterThan(0);
      else if (value.type === "set") expect(value.size).toBeGreaterThan(0);
    }
    expect(expiringKeys.size).toBe(0);
    expect(database.fieldExpiringCount).toBe(fieldExpiringCount);
  }
  expect(keyspace.usedBytes).toBe(usedBytes);
}

describe("fold(effects)", () => {
  it.each(seeds)("is the state, seed %i", (seed) => {
    onTestFailed(() => console.error(`LODESTONE_SEED=${seed}`));
    const random = seededRandom(seed);
    let catalog: Catalog | undefined;
    const server: InProcessServer = new InProcessServer({
      seed,
      makeCatalog: (keyspace) => {
        catalog = indexed(keyspace, (run) => server.world.soon(run));
        return catalog;
      },
    });
    const client = server.connect();
    for (let done = 0; done < COMMANDS_EACH; done += 1) step(client, server, random);
    for (const line of ["DISCARD", "SELECT 0", "HSET hash:last f v"])
      client.post(...line.split(" "));
    client.post("FT.CREATE", "last", "SCHEMA", "f", "TAG");
    server.world.advance(1);
    const effects = server.sink.units.flatMap((unit) => unit.effects);
    expect(effects.length).toBeGreaterThan(100);
    const copy = new Keyspace();
    const readBack = indexed(copy, () => expect.fail("who only reads starts no backfill"));
    for (const effect of throughBytes(effects)) copy.apply(effect, 0);
    expect(stateOf(copy)).toEqual(stateOf(server.keyspace));
    expect(copy.indexDefinitions).toEqual(server.keyspace.indexDefinitions);
    expect(indexesOf(readBack)).toEqual(indexesOf(present(catalog)));
    expect(effects.some(({ id }) => id === EffectId.indexBackfill)).toBe(true);
    expect(copy.usedBytes).toBe(server.keyspace.usedBytes);
    expectSound(server.keyspace);
    expectSound(copy);
  });

  it("leaves no byte accounted for when every key was deleted, one by one", () => {
    const random = seededRandom(base);
    const server = new InProcessServer({ seed: base });
    const client = server.connect();
    for (let done = 0; done < COMMANDS_EACH; done += 1) step(client, server, random);
    client.post("DISCARD");
    for (const [index, database] of server.keyspace.databases.entries()) {
      client.post("SELECT", index);
      for (const [key] of entriesOf(database)) client.post("DEL", key);
    }
    expect(server.keyspace.usedBytes).toBe(0);
    expectSound(server.keyspace);
  });
});
