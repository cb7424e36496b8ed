/**
 * The float store through commands: whatever is written, copied, renamed, flushed and indexed,
 * reads give the bytes that were written, searches the distances of those bytes, and memory comes
 * back.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { must } from "../../src/base/assert.ts";
import type { Keyspace } from "../../src/keyspace/keyspace.ts";
import { type FieldValue, isStored, type StoredBytes } from "../../src/keyspace/stored-bytes.ts";
import { Catalog } from "../../src/search/indexer.ts";
import { InProcessServer } from "../support/in-process-server.ts";
import { entriesOf } from "../support/keyspace-entries.ts";
import { startEngine } from "../vector/vector-support.ts";
import { foundDistances, Model, type ModelIndex } from "./float-store-model.ts";
import { SteppedWorld } from "./index-support.ts";

const seed = Number(process.env["LODESTONE_SEED"] ?? Date.now() % 2 ** 31);

const engine = startEngine(2);

/** One as a Buffer, one as a short string, one too short to be moved. */
const DIMENSIONS = { v: 160, w: 40, x: 8 } as const;
type Field = keyof typeof DIMENSIONS;

function vectorOf(field: Field, number: number): Buffer {
  const bytes = Buffer.alloc(DIMENSIONS[field] * 4);
  for (let place = 0; place < DIMENSIONS[field]; place += 1) {
    bytes.writeFloatLE(Math.sin(number * 7.3 + place * 1.7), place * 4);
  }
  return bytes;
}

/** Now and then something that is no vector. */
function fieldValue(field: Field, number: number): Buffer {
  if (number === 0) return Buffer.from("no vector");
  const vector = vectorOf(field, number);
  if (number === 1) vector.writeFloatLE(Number.NaN, 12);
  return vector;
}

const schemas: Readonly<Record<string, readonly ModelIndex[]>> = {
  one: [{ field: "v", metric: "L2", dimensions: DIMENSIONS.v }],
  two: [
    { field: "v", metric: "COSINE", dimensions: DIMENSIONS.v },
    { field: "w", metric: "L2", dimensions: DIMENSIONS.w },
    { field: "x", metric: "L2", dimensions: DIMENSIONS.x },
  ],
};

function createArguments(name: string, isFlat: boolean, isAlsoTag: boolean): string[] {
  const attributes = (schemas[name] ?? []).flatMap(({ field, metric, dimensions }) => {
    const kind = isFlat ? "FLAT" : "HNSW";
    const parameters = `6 TYPE FLOAT32 DIM ${dimensions} DISTANCE_METRIC ${metric}`;
    return [field, "VECTOR", kind, ...parameters.split(" ")];
  });
  const tag = isAlsoTag ? ["v", "AS", "t", "TAG"] : [];
  return ["FT.CREATE", name, "PREFIX", "1", "d:", "SCHEMA", ...attributes, ...tag];
}

const key = fc.constantFrom("d:1", "d:2", "d:3", "d:4", "other");
const number = fc.nat({ max: 5 });
const field = fc.constantFrom<Field>("v", "v", "w", "x");
const database = fc.constantFrom(0, 0, 0, 1);
const name = fc.constantFrom("one", "two");
const ms = fc.integer({ min: 1, max: 20 });
const isRare = fc.constantFrom(true, false, false, false);
const weighted = <Value>(weight: number, arbitrary: fc.Arbitrary<Value>) => ({ weight, arbitrary });
const step = fc.oneof(
  weighted(12, fc.record({ kind: fc.constant("set" as const), key, field, number, database })),
  weighted(3, fc.record({ kind: fc.constant("twice" as const), key, field, number, database })),
  weighted(3, fc.record({ kind: fc.constant("unset" as const), key, field, database })),
  weighted(1, fc.record({ kind: fc.constant("increment" as const), key, database })),
  weighted(2, fc.record({ kind: fc.constant("rename" as const), key, other: key, database })),
  weighted(
    2,
    fc.record({ kind: fc.constant("copy" as const), key, other: key, database, target: database }),
  ),
  weighted(1, fc.record({ kind: fc.constant("move" as const), key, database })),
  weighted(2, fc.record({ kind: fc.constant("delete" as const), key, database })),
  weighted(1, fc.record({ kind: fc.constant("string" as const), key, database })),
  weighted(2, fc.record({ kind: fc.constant("expire" as const), key, database, ms })),
  weighted(1, fc.record({ kind: fc.constant("advance" as const), ms })),
  weighted(
    1,
    fc.record({ kind: fc.constant("flush" as const), database: fc.constantFrom(0, 1, -1) }),
  ),
  weighted(1, fc.record({ kind: fc.constant("swap" as const) })),
  weighted(
    3,
    fc.record({ kind: fc.constant("create" as const), name, isFlat: isRare, isAlsoTag: isRare }),
  ),
  weighted(1, fc.record({ kind: fc.constant("drop" as const), name })),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** A server over the real engine, and the model beside it. */
class Trial {
  readonly model = new Model();
  readonly world = new SteppedWorld();
  readonly server: InProcessServer;
  readonly catalog: Catalog;
  readonly clients;

  constructor() {
    let made: Catalog | undefined;
    this.server = new InProcessServer({
      makeCatalog: (keyspace: Keyspace) => {
        keyspace.fieldStore = engine.store;
        made = new Catalog(keyspace, engine, this.world);
        keyspace.addListener(made);
        return made;
      },
    });
    this.catalog = must(made, "the catalog");
    this.clients = [this.server.connect(), this.server.connect()];
    this.clients[1].command("SELECT", 1);
  }

  run(step: Step): void {
    const { model } = this;
    const nowMs = this.server.world.nowMs();
    model.expire(nowMs);
    const client = this.clients["database" in step ? Math.max(0, step.database) : 0];
    switch (step.kind) {
      case "set":
      case "twice": {
        const { database } = step;
        if (model.databases[database].get(step.key)?.fields.has("") === true) return;
        const value = fieldValue(step.field, step.number);
        const times = step.kind === "twice" ? 2 : 1;
        for (let time = 0; time < times; time += 1) {
          client.command("HSET", step.key, step.field, value, "n", 7);
        }
        model.hash(database, step.key).fields.set(step.field, value);
        model.hash(database, step.key).fields.set("n", Buffer.from("7"));
        return;
      }
      case "unset":
        if (model.databases[step.database].get(step.key)?.fields.has("") === true) return;
        client.command("HDEL", step.key, step.field);
        model.deleteField(step.database, step.key, step.field);
        return;
      case "increment": {
        if (model.databases[step.database].get(step.key)?.fields.has("") === true) return;
        const sum = client.command("HINCRBY", step.key, "n", 3);
        model.hash(step.database, step.key).fields.set("n", Buffer.from(String(sum)));
        return;
      }
      case "rename":
        client.command("RENAME", step.key, step.other);
        model.copy(step.database, step.key, step.database, step.other);
        if (step.key !== step.other) model.databases[step.database].delete(step.key);
        return;
      case "copy":
        client.command("COPY", step.key, step.other, "DB", step.target, "REPLACE");
        model.copy(step.database, step.key, step.target, step.other);
        return;
      case "move": {
        const to = 1 - step.database;
        client.command("MOVE", step.key, to);
        if (model.databases[to].has(step.key)) return;
        model.copy(step.database, step.key, to, step.key);
        model.databases[step.database].delete(step.key);
        return;
      }
      case "delete":
        client.command("DEL", step.key);
        model.databases[step.database].delete(step.key);
        return;
      case "string":
        // In the model a string is a hash of one field without a name.
        client.command("SET", step.key, "text");
        model.databases[step.database].delete(step.key);
        model.hash(step.database, step.key).fields.set("", Buffer.from("text"));
        return;
      case "expire": {
        client.command("PEXPIREAT", step.key, nowMs + step.ms);
        const hash = model.databases[step.database].get(step.key);
        if (hash !== undefined) hash.expiryMs = nowMs + step.ms;
        return;
      }
      case "advance":
        this.server.world.advance(step.ms);
        return;
      default:
        this.runGlobal(step);
    }
  }

  runGlobal(step: Extract<Step, { kind: "flush" | "swap" | "create" | "drop" }>): void {
    const { model } = this;
    const client = this.clients[0];
    switch (step.kind) {
      case "flush":
        if (step.database < 0) client.command("FLUSHALL");
        else this.clients[step.database].command("FLUSHDB");
        this.server.world.advance(1);
        for (const database of [0, 1]) {
          if (step.database < 0 || step.database === database) model.flush(database);
        }
        return;
      case "swap":
        client.command("SWAPDB", 0, 1);
        model.swap();
        return;
      case "create": {
        if (model.indexes.has(step.name)) return;
        client.command(...createArguments(step.name, step.isFlat, step.isAlsoTag));
        const [first] = schemas[step.name] ?? [];
        if (first !== undefined) model.indexes.set(step.name, first);
        return;
      }
      case "drop":
        client.command("FT.DROPINDEX", step.name);
        model.indexes.delete(step.name);
    }
  }

  async check(): Promise<void> {
    const { model, server } = this;
    this.world.settle();
    model.expire(server.world.nowMs());
    for (const database of [0, 1]) {
      for (const key of ["d:1", "d:2", "d:3", "d:4", "other"]) {
        const fields = model.databases[database].get(key)?.fields ?? new Map<string, Buffer>();
        if (fields.has("")) continue;
        const expected = [...fields].map(([field, bytes]) => [field, bytes.toString("latin1")]);
        const reply = this.clients[database].command("HGETALL", key);
        expect(reply).toEqual(expected.flat());
      }
    }
    for (const [name] of model.indexes) {
      for (const index of schemas[name] ?? []) {
        const query = vectorOf(index.field as Field, 2.5);
        const found = await foundDistances(this.clients[0], name, index.field, query);
        const expected = model.distances(index, query);
        expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
        for (const [key, distance] of expected) expect(found.get(key)).toBeCloseTo(distance, 4);
      }
    }
    expect(engine.store.heldCount).toBe(storedFields(server.keyspace));
  }

  /** Everything goes, one way or another. */
  async end(isFlushed: boolean): Promise<void> {
    if (isFlushed) {
      this.clients[0].command("FLUSHALL");
      this.server.world.advance(1);
    } else {
      for (const client of this.clients) client.command("DEL", "d:1", "d:2", "d:3", "d:4", "other");
      for (const [name] of this.model.indexes) this.clients[0].command("FT.DROPINDEX", name);
    }
    this.catalog.close();
    expect(this.server.keyspace.usedBytes).toBe(0);
    expect(engine.store.heldCount).toBe(0);
    // Who frees an index is a thread of the engine's.
    while (engine.store.usedCount > 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

function storedFields(keyspace: Keyspace): number {
  let count = 0;
  for (const database of keyspace.databases) {
    for (const [, { value }] of entriesOf(database)) {
      if (value.type !== "hash") continue;
      for (const [, held] of value.heldEntries()) if (isStored(held)) count += 1;
    }
  }
  return count;
}

function heldOf(keyspace: Keyspace, key: string): FieldValue | undefined {
  const value = keyspace.peek(0, key)?.value;
  return value?.type === "hash" ? value.held("v") : expect.fail(`${key} holds no hash`);
}

function storedOf(keyspace: Keyspace, key: string): StoredBytes {
  const held = heldOf(keyspace, key);
  return isStored(held) ? held : expect.fail(`${key} has its vector for itself`);
}

describe("the float store", () => {
  it("has a vector once, whatever fields and indexes refer to it", async () => {
    const trial = new Trial();
    const { keyspace } = trial.server;
    const [client] = trial.clients;
    client.command("HSET", "d:1", "v", vectorOf("v", 1));
    expect(isStored(heldOf(keyspace, "d:1"))).toBe(false);
    trial.run({ kind: "create", name: "one", isFlat: false, isAlsoTag: false });
    trial.run({ kind: "create", name: "two", isFlat: false, isAlsoTag: false });
    trial.world.settle();
    client.command("HSET", "d:2", "v", vectorOf("v", 2));
    const [first, second] = [storedOf(keyspace, "d:1"), storedOf(keyspace, "d:2")];
    expect(first.isSameAs(second)).toBe(false);
    expect(engine.store.usedCount).toBe(2);
    // The same bytes again: no index changes, and the field goes back to them.
    client.command("HSET", "d:1", "v", vectorOf("v", 1));
    expect(engine.store.usedCount).toBe(2);
    expect(engine.store.heldCount).toBe(2);
    expect(() => first.copy()).toThrow("released");
    const kept = storedOf(keyspace, "d:1");
    client.command("HSET", "d:1", "v", vectorOf("v", 3));
    expect(storedOf(keyspace, "d:1").isSameAs(storedOf(keyspace, "d:2"))).toBe(false);
    expect(() => kept.copy()).toThrow("released");
    expect(client.command("HGET", "d:1", "v")).toBe(vectorOf("v", 3).toString("latin1"));
    await trial.end(false);
  });

  it("counts bytes once: in the field that holds them, or where an index alone needs them", async () => {
    const trial = new Trial();
    const { keyspace } = trial.server;
    const [client] = trial.clients;
    const vectorBytes = DIMENSIONS.v * 4;
    client.command("HSET", "d:1", "v", vectorOf("v", 1));
    const usageBefore = Number(client.command("MEMORY", "USAGE", "d:1"));
    trial.run({ kind: "create", name: "one", isFlat: false, isAlsoTag: false });
    trial.world.settle();
    const usage = Number(client.command("MEMORY", "USAGE", "d:1"));
    expect(usage).toBeGreaterThan(vectorBytes);
    expect(usage).toBeLessThanOrEqual(usageBefore);
    expect(keyspace.usedBytes).toBe(usage);
    const index = trial.catalog.find("one");
    expect(index?.vectorProgress().storedBytes).toBe(vectorBytes);
    expect(trial.catalog.usedBytes).toBe((index?.usedBytes ?? 0) - vectorBytes);
    expect(engine.store.unheldBytes).toBe(0);
    client.command("DEL", "d:1");
    expect(keyspace.usedBytes).toBe(0);
    expect(engine.store.heldCount).toBe(0);
    await trial.end(false);
    expect(engine.store.unheldBytes).toBe(0);
  });

  it(`gives back what was written, and then its memory (LODESTONE_SEED=${seed})`, async () => {
    const steps = fc.array(step, { minLength: 1, maxLength: 60, size: "max" });
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), async (trialSteps, isFlushed) => {
        const trial = new Trial();
        for (const one of ["one", "two"] as const) {
          trial.run({ kind: "create", name: one, isFlat: false, isAlsoTag: false });
        }
        for (const one of trialSteps) {
          trial.run(one);
          await trial.check();
        }
        await trial.end(isFlushed);
      }),
      { numRuns: 100, seed },
    );
  });
});
