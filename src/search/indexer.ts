/**
 * `Catalog`: every index by name, and the one listener through which changes reach them.
 *
 * Changes come synchronously after each effect, so an acknowledged document is in the next search.
 * Backfills run in slices between commands, and between a log's records while it is replayed:
 * recovery ends with complete indexes (`endRecovery`), and clients get LOADING until then.
 */
import type { ChangeListener } from "../keyspace/change.ts";
import type { KeyspaceView } from "../keyspace/view.ts";
import type { VectorEngine } from "../vector/vector-index.ts";
import { Backfill } from "./backfill.ts";
import type { SearchCatalog } from "./catalog.ts";
import { decodeSchema } from "./definition.ts";
import { searchSections } from "./info-sections.ts";
import { LiveIndex } from "./live-index.ts";
import { type ProgressLogger, ProgressReport } from "./progress-report.ts";
import type { Schema } from "./schema.ts";

/** What of the world the catalog needs; `runtime/clock.ts` has the real one. */
export interface CatalogWorld {
  monotonicMs(): number;
  /** Runs after pending input and output were handled once. */
  soon(run: () => void): void;
  after(delayMs: number, run: () => void): { cancel(): void };
  readonly logger: ProgressLogger;
}

const SLICE_MS = 1;

export class Catalog implements SearchCatalog, ChangeListener {
  readonly #view: KeyspaceView;
  readonly #engine: VectorEngine;
  readonly #world: CatalogWorld;
  readonly #indexes: Map<string, LiveIndex>;
  readonly #backfills: Set<Backfill>;
  readonly #report: ProgressReport;
  #isSliceDue: boolean;

  /** The caller adds it to the keyspace as a listener. */
  constructor(view: KeyspaceView, engine: VectorEngine, world: CatalogWorld) {
    this.#view = view;
    this.#engine = engine;
    this.#world = world;
    this.#indexes = new Map();
    this.#backfills = new Set();
    this.#report = new ProgressReport(world, this.#indexes);
    this.#isSliceDue = false;
  }

  find(name: string): LiveIndex | undefined {
    return this.#indexes.get(name);
  }

  names(): readonly string[] {
    return [...this.#indexes.keys()];
  }

  markIngested(sequence: number): void {
    if (this.#indexes.size === 0) return;
    for (const index of this.#indexes.values()) {
      if (!index.isTouched) continue;
      index.isTouched = false;
      index.ingestedSequence = sequence;
    }
  }

  infoSections(): readonly { readonly name: string; readonly lines: readonly string[] }[] {
    return searchSections([...this.#indexes.values()]);
  }

  indexesToSeal(nowMs: number): readonly string[] {
    const names: string[] = [];
    for (const index of this.#indexes.values()) if (index.isSealDue(nowMs)) names.push(index.name);
    return names;
  }

  get usedBytes(): number {
    let usedBytes = 0;
    let storedBytes = 0;
    for (const index of this.#indexes.values()) {
      const stored = index.vectorProgress().storedBytes;
      usedBytes += index.usedBytes - stored;
      storedBytes += stored;
    }
    // Of what lies in the float store fields count their own, and the rest counts here, once: but
    // not what threads are still freeing of an index that was dropped.
    return usedBytes + Math.min(storedBytes, this.#engine.store?.unheldBytes ?? storedBytes);
  }

  /** After the last record was replayed and before the first command. */
  async endRecovery(): Promise<void> {
    await Promise.all([...this.#backfills].map(({ finished }) => finished));
    // What was replayed is durable: nothing has to wait for it.
    for (const index of this.#indexes.values()) index.isTouched = false;
  }

  close(): void {
    this.#report.stop();
    this.#dropAll();
  }

  keyChanged(database: number, key: string, fields: readonly string[] | null): void {
    if (database !== 0 || this.#indexes.size === 0) return;
    const entry = this.#view.peek(0, key);
    const value = entry?.value;
    for (const index of this.#indexes.values()) {
      if (!index.coversKey(key)) continue;
      if (entry === undefined || value?.type !== "hash") {
        index.remove(key);
        continue;
      }
      const isKnown = index.documents.idOf(key) !== undefined;
      if (isKnown && fields !== null && !index.readsAnyOf(fields)) {
        if (fields.length === 0) index.noteExpiry(key, entry.expiryMs);
        continue;
      }
      index.put(key, value, entry.expiryMs);
    }
    this.#report.wake();
  }

  databaseFlushed(database: number): void {
    if (database === 0 || database === -1) this.#dropAll();
  }

  databasesSwapped(database: number, other: number): void {
    if (database === other || (database !== 0 && other !== 0)) return;
    for (const index of [...this.#indexes.values()]) {
      index.close();
      this.#start(index.name, index.schema);
    }
  }

  indexCreated(name: string, definition: Buffer): void {
    this.#indexes.get(name)?.close();
    this.#start(name, decodeSchema(definition));
  }

  indexDropped(name: string): void {
    this.#indexes.get(name)?.close();
    this.#indexes.delete(name);
  }

  indexSealed(name: string): void {
    this.#indexes.get(name)?.seal();
  }

  #dropAll(): void {
    for (const index of this.#indexes.values()) index.close();
    this.#indexes.clear();
    this.#backfills.clear();
  }

  /** A Map keeps the place of a name that it has, so a restarted index keeps its order. */
  #start(name: string, schema: Schema): void {
    const index = new LiveIndex(name, schema, this.#engine, this.#view);
    index.isTouched = true;
    this.#indexes.set(name, index);
    if (this.#view.keyCount(0) === 0) return;
    const backfill = new Backfill(index, this.#view, () => this.#world.monotonicMs());
    index.backfill = backfill;
    this.#backfills.add(backfill);
    this.#scheduleSlice();
    this.#report.wake();
  }

  #scheduleSlice(): void {
    if (this.#isSliceDue) return;
    this.#isSliceDue = true;
    this.#world.soon(() => {
      this.#isSliceDue = false;
      this.#runSlice();
    });
  }

  #runSlice(): void {
    const deadlineMs = this.#world.monotonicMs() + SLICE_MS;
    for (const backfill of this.#backfills) {
      if (backfill.run(deadlineMs)) this.#backfills.delete(backfill);
      if (this.#world.monotonicMs() >= deadlineMs) break;
    }
    if (this.#backfills.size > 0) this.#scheduleSlice();
  }
}
