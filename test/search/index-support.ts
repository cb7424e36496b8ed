/**
 * What the index tests stand on: a keyspace that is driven by effects, a vector engine that only
 * remembers, and a world whose time moves when it is read.
 */
import { Bitmap } from "../../src/base/bitmap.ts";
import { type Bytes, canonicalBytes } from "../../src/base/bytes.ts";
import { EffectId, type RestoredValue } from "../../src/keyspace/effect.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import type { BackfillSlice } from "../../src/search/catalog.ts";
import { encodeSchema } from "../../src/search/definition.ts";
import { Catalog } from "../../src/search/indexer.ts";
import type { LiveIndex } from "../../src/search/live-index.ts";
import type { AttributeDeclaration, Schema } from "../../src/search/schema.ts";
import type {
  NearestRequest,
  Neighbors,
  NeighborWaiter,
  VectorEngine,
  VectorIndex,
  VectorIndexProgress,
  VectorParameters,
} from "../../src/vector/vector-index.ts";

/** A keyspace that is written as commands write it: by the effects that they emit. */
export class DrivenKeyspace extends Keyspace {
  hashSet(database: number, key: string, pairs: Readonly<Record<string, Bytes>>): void {
    const type = this.peek(database, key)?.value.type;
    if (type !== undefined && type !== "hash") this.delete(database, key);
    const flat = Object.entries(pairs).flatMap(([field, value]) => [field, canonicalBytes(value)]);
    this.apply({ id: EffectId.hashSet, database, key, pairs: flat }, 0);
  }

  hashDelete(database: number, key: string, field: string): void {
    const value = this.peek(database, key)?.value;
    if (value?.type !== "hash" || !value.has(field)) return;
    this.apply({ id: EffectId.hashDelete, database, key, fields: [field] }, 0);
  }

  stringSet(database: number, key: string, value: Bytes): void {
    this.apply({ id: EffectId.stringSet, database, key, value, expiryMs: 0 }, 0);
  }

  delete(database: number, key: string): void {
    if (this.peek(database, key) === undefined) return;
    this.apply({ id: EffectId.keyDelete, database, key, reason: "deleted" }, 0);
  }

  expire(database: number, key: string, expiryMs: number): void {
    if (this.peek(database, key) === undefined) return;
    this.apply({ id: EffectId.expirySet, database, key, expiryMs }, 0);
  }

  /** As RENAME does it: a delete and a restore. */
  rename(database: number, from: string, to: string): void {
    const entry = this.peek(database, from);
    const type = entry?.value.type;
    if (entry === undefined || from === to || (type !== "hash" && type !== "string")) return;
    const value: RestoredValue =
      entry.value.type === "hash"
        ? { type: "hash", pairs: [...entry.value].flat() }
        : { type: "string", value: entry.value.bytes };
    this.delete(database, from);
    const { expiryMs } = entry;
    this.apply({ id: EffectId.keyRestore, database, key: to, value, expiryMs }, 0);
  }

  swap(): void {
    this.apply({ id: EffectId.databaseSwap, database: 0, other: 1 }, 0);
  }

  /** -1: every database. */
  flush(database: number): void {
    if (database === -1) this.apply({ id: EffectId.allFlush }, 0);
    else this.apply({ id: EffectId.databaseFlush, database }, 0);
  }

  create(name: string, schema: Schema): void {
    this.apply({ id: EffectId.indexCreate, name, definition: encodeSchema(schema) }, 0);
  }

  drop(name: string): void {
    this.apply({ id: EffectId.indexDrop, name }, 0);
  }
}

/** Remembers what it was given; finds nothing. */
export class RememberingIndex implements VectorIndex {
  readonly parameters: VectorParameters;
  readonly vectors = new Map<number, Buffer>();
  isClosed = false;
  tailCount = 0;
  unsealedCount = 0;
  sealCount = 0;
  hasMemory = true;

  constructor(parameters: VectorParameters) {
    this.parameters = parameters;
  }

  add(id: number, vector: Buffer): boolean {
    if (!this.hasMemory) return false;
    if (this.vectors.has(id)) throw new Error(`id ${id} was added twice`);
    this.vectors.set(id, Buffer.from(vector));
    this.unsealedCount += 1;
    return true;
  }

  remove(id: number): void {
    if (!this.vectors.delete(id)) throw new Error(`id ${id} was removed but is not there`);
    this.unsealedCount += 1;
  }

  async nearest(): Promise<Neighbors> {
    return { ids: new Uint32Array(0), distances: new Float32Array(0), method: "empty" };
  }

  ask(_request: NearestRequest, waiter: NeighborWaiter): void {
    void this.nearest().then((neighbors) => waiter.found(neighbors));
  }

  withinRange(): Promise<Neighbors> {
    return this.nearest();
  }

  progress(): VectorIndexProgress {
    return {
      count: this.vectors.size,
      graphCount: this.vectors.size - this.tailCount,
      tailCount: this.tailCount,
      tombstoneCount: 0,
      buildRate: this.tailCount > 0 ? 500 : 0,
      secondsLeft: this.tailCount / 500,
      bytes: this.vectors.size * 64,
      memory: {
        valueBytes: this.vectors.size * 64,
        codeBytes: 0,
        linkBytes: 0,
        tombstoneBytes: 0,
        tableBytes: 0,
      },
      storedBytes: 0,
    };
  }

  seal(): void {
    this.unsealedCount = 0;
    this.sealCount += 1;
  }

  async flush(): Promise<void> {}

  async graphChecksum(): Promise<null> {
    return null;
  }

  close(): void {
    this.isClosed = true;
  }
}

export class RememberingEngine implements VectorEngine {
  readonly indexes: RememberingIndex[] = [];

  create(parameters: VectorParameters): VectorIndex {
    const index = new RememberingIndex(parameters);
    this.indexes.push(index);
    return index;
  }

  async close(): Promise<void> {}
}

/** Time moves by `stepMs` whenever it is read, so a slice of 1 ms holds a known amount of work. */
export class SteppedWorld {
  stepMs = 0.25;
  #nowMs = 0;
  readonly #due: (() => void)[] = [];
  readonly #timers: { atMs: number; run: () => void; isCancelled: boolean }[] = [];
  readonly lines: { details: object; message: string }[] = [];
  readonly logger = {
    info: (details: object, message: string) => {
      this.lines.push({ details, message });
    },
  };

  monotonicMs(): number {
    this.#nowMs += this.stepMs;
    return this.#nowMs;
  }

  soon(run: () => void): void {
    this.#due.push(run);
  }

  after(delayMs: number, run: () => void): { cancel(): void } {
    const timer = { atMs: this.#nowMs + delayMs, run, isCancelled: false };
    this.#timers.push(timer);
    return {
      cancel() {
        timer.isCancelled = true;
      },
    };
  }

  /** Runs what is due now, once; whether anything was. */
  turn(): boolean {
    const runs = this.#due.splice(0);
    for (const run of runs) run();
    return runs.length > 0;
  }

  settle(): void {
    while (this.turn());
  }

  /** Lets this much time pass and runs the timers that are due then. */
  advance(ms: number): void {
    this.#nowMs += ms;
    const dueTimers = this.#timers.filter((timer) => timer.atMs <= this.#nowMs);
    for (const timer of dueTimers) {
      this.#timers.splice(this.#timers.indexOf(timer), 1);
      if (!timer.isCancelled) timer.run();
    }
  }
}

/** `onSlice` is null where the catalog only reads. */
export function makeCatalog(
  keyspace: DrivenKeyspace,
  onSlice: ((slice: BackfillSlice) => void) | null = () => {},
): { catalog: Catalog; engine: RememberingEngine; world: SteppedWorld } {
  const engine = new RememberingEngine();
  const world = new SteppedWorld();
  const catalog = new Catalog(keyspace, engine, world);
  keyspace.addListener(catalog);
  if (onSlice !== null) startBackfills(keyspace, catalog, onSlice);
  return { catalog, engine, world };
}

/** As an engine does it, without a log. */
export function startBackfills(
  keyspace: Keyspace,
  catalog: Catalog,
  onSlice: (slice: BackfillSlice) => void,
): void {
  catalog.startBackfills({
    mayWrite: () => true,
    write: (slice) => {
      keyspace.apply({ id: EffectId.indexBackfill, ...slice }, 0);
      onSlice(slice);
    },
  });
}

const plain = {
  isSortable: false,
  isUnnormalized: false,
  isNotIndexed: false,
  isMissingIndexed: false,
};

export function tag(identifier: string, more: object = {}): AttributeDeclaration {
  return {
    type: "TAG",
    identifier,
    alias: identifier,
    ...plain,
    separator: ",",
    isCaseSensitive: false,
    isSuffixTrie: false,
    isEmptyIndexed: false,
    ...more,
  };
}

export function numeric(identifier: string, more: object = {}): AttributeDeclaration {
  return { type: "NUMERIC", identifier, alias: identifier, ...plain, ...more };
}

export function text(identifier: string, more: object = {}): AttributeDeclaration {
  return {
    type: "TEXT",
    identifier,
    alias: identifier,
    ...plain,
    weight: 1,
    isStemmed: true,
    isSuffixTrie: false,
    isEmptyIndexed: false,
    ...more,
  };
}

export function vector(
  identifier: string,
  dimensions: number,
  more: Partial<VectorParameters> = {},
): AttributeDeclaration {
  return {
    type: "VECTOR",
    identifier,
    alias: identifier,
    ...plain,
    parameters: {
      algorithm: "HNSW",
      type: "FLOAT32",
      dimensions,
      metric: "L2",
      initialCapacity: 1024,
      m: 16,
      efConstruction: 200,
      efRuntime: 10,
      epsilon: 0.01,
      neighborCodeBits: 512,
      blockSize: 1024,
      ...more,
    },
  };
}

export function schemaOf(attributes: AttributeDeclaration[], prefixes: string[] = [""]): Schema {
  return {
    keyType: "HASH",
    prefixes,
    attributes,
    defaultScore: 1,
    stopwords: null,
    language: "",
    options: [],
    createdAtMs: 1_700_000_000_000,
  };
}

export function floats(...values: number[]): Buffer {
  const blob = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) blob.writeFloatLE(value, index * 4);
  return blob;
}

/** The keys of a set of documents, sorted. */
export function keysOf(index: LiveIndex, documents: Bitmap | undefined): string[] {
  const keys: string[] = [];
  (documents ?? new Bitmap(0)).forEach((id) => {
    keys.push(index.documents.keyOf(id) ?? `id ${id} without a key`);
  });
  return keys.sort();
}

/** A seeded source of choices; the seed is printed by the test that uses it. */
export class Choices {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  below(bound: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * bound);
  }

  of<Choice>(choices: readonly Choice[]): Choice {
    return choices[this.below(choices.length)];
  }
}
