/**
 * A keyspace with real indexes that is written by effects alone, as a log would bring them: what it
 * was sent is kept as bytes, so that another host can be brought to the same place, by all of the
 * effects or by a copy of the keyspace with the files of its indexes beside it.
 */
import { ByteReader } from "../../src/base/byte-reader.ts";
import { ByteWriter } from "../../src/base/byte-writer.ts";
import { type Effect, EffectId } from "../../src/keyspace/effect.ts";
import { decodeEffect, encodeEffect } from "../../src/keyspace/effect-codec.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import { flatValue } from "../../src/keyspace/restored-value.ts";
import { type Random, systemClock, systemTimers } from "../../src/runtime/clock.ts";
import type { Disk } from "../../src/runtime/disk.ts";
import { Catalog } from "../../src/search/indexer.ts";
import type { LiveIndex } from "../../src/search/live-index.ts";
import { GraphPartMaker } from "../../src/snapshot/graph-part-maker.ts";
import { GraphPartTaker } from "../../src/snapshot/graph-part-taker.ts";
import { temporaryName } from "../../src/snapshot/snapshot-names.ts";
import type { SnapshotPart } from "../../src/snapshot/snapshot-parts.ts";
import type { FileKeys } from "../../src/snapshot/snapshot-reader.ts";
import { createVectorEngine, type KernelVectorEngine } from "../../src/vector/vector-engine.ts";

export const FOLDER = "/data";
export const SEQUENCE = 7;
const MADE_AT_MS = 1_700_000_000_000;

/** A place of the log: the keyspace as effects that make it, in no particular order of keys. */
export interface KeyspaceCopy {
  readonly indexes: readonly Buffer[];
  readonly keys: readonly Buffer[];
}

export class GraphHost {
  readonly keyspace: Keyspace;
  readonly catalog: Catalog;
  readonly engine: KernelVectorEngine;
  readonly maker: GraphPartMaker;
  readonly taker: GraphPartTaker;
  /** All effects so far, encoded. */
  readonly log: Buffer[];
  readonly warnings: string[];
  readonly disk: Disk;

  constructor(disk: Disk, threadCount = 2, keys?: FileKeys) {
    this.disk = disk;
    this.log = [];
    this.warnings = [];
    this.keyspace = new Keyspace(16);
    this.engine = createVectorEngine({ clock: systemClock, timers: systemTimers, threadCount });
    this.keyspace.fieldStore = this.engine.store;
    const logger = {
      info: () => {},
      warn: (details: object) => {
        this.warnings.push(JSON.stringify(details));
      },
    };
    this.catalog = new Catalog(this.keyspace, this.engine, {
      monotonicMs: () => systemClock.monotonicMs(),
      soon: (run) => systemTimers.soon(run),
      after: (delayMs, run) => systemTimers.after(delayMs, run),
      logger,
    });
    this.keyspace.addListener(this.catalog);
    // Files say when they were made; all of a test's at the same time.
    const clock = { ...systemClock, nowMs: () => MADE_AT_MS };
    const parts = { catalog: this.catalog, disk, logger, clock, timers: systemTimers };
    this.maker = new GraphPartMaker({ ...parts, folder: FOLDER, keys });
    this.taker = new GraphPartTaker({ ...parts, keys });
  }

  apply(...effects: readonly Effect[]): void {
    for (const effect of effects) this.applyBytes(encoded(effect));
  }

  applyBytes(bytes: Buffer): void {
    this.log.push(bytes);
    // Of bytes of its own: a keyspace keeps what it is given.
    this.keyspace.apply(decodeEffect(new ByteReader(Buffer.from(bytes))), 0);
  }

  index(name: string): LiveIndex {
    const index = this.catalog.find(name);
    if (index === undefined) throw new Error(`there is no index ${name}`);
    return index;
  }

  copyKeyspace(random: Random): KeyspaceCopy {
    const indexes = [...this.keyspace.indexDefinitions].map(([name, definition]) =>
      encoded({ id: EffectId.indexCreate, name, definition }),
    );
    const keys = [...this.keyspace.keys(0)].map((key) => {
      const entry = this.keyspace.peek(0, key);
      if (entry === undefined) throw new Error(`${key} is not there`);
      const value = flatValue(entry.value);
      const { expiryMs } = entry;
      return encoded({ id: EffectId.keyRestore, database: 0, key, value, expiryMs });
    });
    return { indexes, keys: shuffled(keys, random) };
  }

  /** Seals and dumps; what is applied next is behind the place. */
  beginDump(): readonly SnapshotPart[] {
    this.apply(...this.maker.closingEffects());
    return this.maker.begin(SEQUENCE);
  }

  /** Waits for the parts and gives them their names. */
  async nameParts(parts: readonly SnapshotPart[]): Promise<void> {
    for (const { name, whenWritten } of parts) {
      await whenWritten;
      await this.disk.rename(`${FOLDER}/${temporaryName(name)}`, `${FOLDER}/${name}`);
    }
  }

  async restore(copy: KeyspaceCopy, between: () => void = () => {}): Promise<void> {
    const place = { folder: FOLDER, sequence: SEQUENCE };
    await this.taker.begin(place);
    for (const bytes of [...copy.indexes, ...copy.keys]) this.applyBytes(bytes);
    between();
    await this.taker.end(place);
  }

  /** Everything so far is in the graphs. */
  async settle(): Promise<void> {
    for (const name of this.catalog.names()) {
      this.apply({ id: EffectId.indexSeal, name });
      await this.index(name).whenInGraphs();
    }
  }

  async graphs(): Promise<unknown> {
    await this.settle();
    const checksums: unknown[] = [];
    for (const name of this.catalog.names()) {
      checksums.push([name, await this.index(name).graphChecksums()]);
    }
    return checksums;
  }

  /** By id, what a search would see of each document. */
  documents(name: string): readonly string[] {
    const { documents } = this.index(name);
    const lines = [`ids given: ${documents.moment}`];
    const { live, expiring } = documents;
    for (let id = 0; id < live.words.length * 32; id += 1) {
      if (!live.has(id)) continue;
      lines.push(`${id} ${documents.keyOf(id)}${expiring.has(id) ? " expires" : ""}`);
    }
    return lines;
  }

  graphLoad(name: string): string {
    return this.index(name).statistics().graphLoad;
  }

  async close(): Promise<void> {
    this.catalog.close();
    await this.engine.close();
  }
}

export function encoded(effect: Effect): Buffer {
  const writer = new ByteWriter();
  encodeEffect(writer, effect);
  return Buffer.from(writer.written());
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const order = [...items];
  for (let place = order.length - 1; place > 0; place -= 1) {
    const other = Math.floor(random.fraction() * (place + 1));
    [order[place], order[other]] = [order[other], order[place]];
  }
  return order;
}
