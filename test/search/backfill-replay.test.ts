/**
 * A backfilled index is a function of the log: whatever was written beside it, and wherever its
 * slices fell, who reads the log back has the same documents under the same ids and the same graph;
 * and who reads a part of it, as after a crash, and goes on as primary, writes a log of which the
 * same is true.
 */
import { describe, expect, test } from "vitest";
import { ByteReader } from "../../src/base/byte-reader.ts";
import { ByteWriter } from "../../src/base/byte-writer.ts";
import type { Effect } from "../../src/keyspace/effect.ts";
import { decodeEffect, encodeEffect } from "../../src/keyspace/effect-codec.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import { Catalog } from "../../src/search/indexer.ts";
import { type InProcessClient, InProcessServer, present } from "../support/in-process-server.ts";
import { entriesOf } from "../support/keyspace-entries.ts";
import { startEngine } from "../vector/vector-support.ts";
import { Choices, SteppedWorld } from "./index-support.ts";

const base = Number(process.env["LODESTONE_SEED"] ?? Date.now() % 2 ** 31);
const seeds = Array.from({ length: 6 }, (_, place) => base + place);

const engine = startEngine(2);
const KEYS = 400;
const STEPS = 1_200;
/** Enough bytes for the float store. */
const DIMENSIONS = 40;
const prefixes: Readonly<Record<string, string>> = { all: "d:", some: "d:1", twice: "d:" };

function vectorOf(choices: Choices): Buffer {
  const bytes = Buffer.alloc(DIMENSIONS * 4);
  for (let place = 0; place < bytes.length; place += 4) {
    bytes.writeFloatLE(choices.below(2000) / 1000 - 1, place);
  }
  return bytes;
}

function createArguments(name: string): string[] {
  const vector = `VECTOR HNSW 6 TYPE FLOAT32 DIM ${DIMENSIONS} DISTANCE_METRIC L2`.split(" ");
  const more = name === "twice" ? ["w", ...vector] : ["n", "NUMERIC"];
  return ["FT.CREATE", name, "PREFIX", "1", prefixes[name], "SCHEMA", "v", ...vector, ...more];
}

/** A server that has read these effects back before it serves. */
class Primary {
  readonly world = new SteppedWorld();
  readonly server: InProcessServer;
  readonly catalog: Catalog;
  readonly client: InProcessClient;

  constructor(readBack: readonly Effect[]) {
    let made: Catalog | undefined;
    this.server = new InProcessServer({
      makeCatalog: (keyspace) => {
        made = replayed(readBack, keyspace, this.world);
        return made;
      },
    });
    this.catalog = present(made);
    this.client = this.server.connect();
  }

  get written(): Effect[] {
    return this.server.sink.units.flatMap(({ effects }) => effects);
  }
}

function replayed(effects: readonly Effect[], keyspace: Keyspace, world: SteppedWorld): Catalog {
  keyspace.fieldStore = engine.store;
  const catalog = new Catalog(keyspace, engine, world);
  keyspace.addListener(catalog);
  for (const effect of throughBytes(effects)) keyspace.apply(effect, 0);
  catalog.endRecovery();
  return catalog;
}

function throughBytes(effects: readonly Effect[]): Effect[] {
  const writer = new ByteWriter(1024);
  for (const effect of effects) encodeEffect(writer, effect);
  const reader = new ByteReader(Buffer.from(writer.written()));
  return effects.map(() => decodeEffect(reader));
}

function step({ client, server, world }: Primary, choices: Choices): void {
  const key = `d:${choices.below(KEYS)}`;
  const other = `d:${choices.below(KEYS)}`;
  const dice = choices.below(1000);
  if (dice < 150) world.turn();
  else if (dice < 250) client.post("DEL", key);
  else if (dice < 300) client.post("RENAME", key, other);
  else if (dice < 340) client.post("COPY", key, other, "REPLACE");
  else if (dice < 360) client.post("SET", key, "no hash");
  else if (dice < 390) client.post("PEXPIRE", key, choices.below(50));
  else if (dice < 400) server.world.advance(choices.below(400));
  else if (dice < 430) client.post("HDEL", key, "v");
  else if (dice < 450) client.post("HSET", key, "n", choices.below(9), "beside", "x");
  else if (dice < 465) client.post(choices.of(["MULTI", "EXEC", "EXEC"]));
  else if (dice < 480)
    server.connect().post("FT._DEBUG", "FLUSH", choices.of(Object.keys(prefixes)));
  else if (dice < 500) client.post(...createArguments(choices.of(Object.keys(prefixes))));
  else if (dice < 505) client.post("FT.DROPINDEX", choices.of(Object.keys(prefixes)));
  else if (dice < 508) client.post("SWAPDB", 0, 1);
  else if (dice < 509) client.post("FLUSHALL");
  else client.post("HSET", key, "v", vectorOf(choices), ...(dice < 600 ? ["w", "none"] : []));
  client.replies.length = 0;
}

function fill({ client }: Primary, choices: Choices): void {
  for (let key = 0; key < KEYS; key += 1) {
    client.post("HSET", `d:${key}`, "v", vectorOf(choices), "w", vectorOf(choices));
  }
}

/** Everything is indexed, sealed, and so in the log. */
function finish({ client, world, server, catalog }: Primary): void {
  client.post("DISCARD");
  world.settle();
  for (const name of catalog.names()) server.connect().post("FT._DEBUG", "FLUSH", name);
  server.sink.makeDurable();
}

/** Lines, since a difference of structures of that size takes minutes to print. */
async function stateOf(catalog: Catalog): Promise<string[]> {
  const state: string[] = [];
  for (const name of catalog.names()) {
    const index = present(catalog.find(name));
    // What is not sealed would be waited for in vain.
    if (index.unsealedCount === 0) await index.whenInGraphs();
    for (const [alias, { whole, sequence, nodeCount }] of await index.graphChecksums()) {
      state.push(`${name} ${alias}: ${whole} of ${nodeCount} nodes at ${sequence}`);
    }
    let documents = "";
    index.documents.live.forEach((id) => {
      documents += `${id}=${index.documents.keyOf(id)} `;
    });
    state.push(`${name}: ${index.unsealedCount} not sealed; ${documents}`);
  }
  return state;
}

function expectComplete(catalog: Catalog, keyspace: Keyspace): void {
  for (const name of catalog.names()) {
    const index = present(catalog.find(name));
    const indexed: string[] = [];
    index.documents.live.forEach((id) => {
      indexed.push(present(index.documents.keyOf(id)));
    });
    const hashes = entriesOf(keyspace.databases[0])
      .filter(([key, { value }]) => key.startsWith(prefixes[name]) && value.type === "hash")
      .map(([key]) => key);
    expect(indexed.toSorted()).toEqual(hashes.toSorted());
  }
}

async function expectReplayed(effects: readonly Effect[], primary: Primary): Promise<void> {
  const keyspace = new Keyspace();
  const world = new SteppedWorld();
  const catalog = replayed(effects, keyspace, world);
  expect(world.turn()).toBe(false);
  expectComplete(primary.catalog, primary.server.keyspace);
  expect(await stateOf(catalog)).toEqual(await stateOf(primary.catalog));
  catalog.close();
}

describe("indexes over keys that were there before", () => {
  test.each(seeds)("are read back as they were (LODESTONE_SEED=%i)", async (seed) => {
    const choices = new Choices(seed);
    const first = new Primary([]);
    first.world.stepMs = 0.3 + choices.below(8) / 10;
    fill(first, choices);
    for (let count = 0; count < STEPS; count += 1) step(first, choices);
    first.client.post("DISCARD");
    fill(first, choices);
    for (const name of Object.keys(prefixes)) {
      first.client.post("FT.DROPINDEX", name);
      first.client.post(...createArguments(name));
    }
    for (let count = 0; count < 60; count += 1) step(first, choices);
    finish(first);
    await expectReplayed(first.written, first);

    // A crash: units are whole, and the last ones are lost.
    const { units } = first.server.sink;
    const kept = units.slice(0, units.length - choices.below(100));
    const readBack = kept.flatMap(({ effects }) => effects);
    const second = new Primary(readBack);
    second.world.stepMs = 0.3 + choices.below(8) / 10;
    for (let count = 0; count < 100; count += 1) step(second, choices);
    finish(second);
    await expectReplayed([...readBack, ...second.written], second);
    first.catalog.close();
    second.catalog.close();
  });
});
