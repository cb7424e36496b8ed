/**
 * `Catalog`: every index by name, and the one listener through which changes reach them.
 *
 * Changes come synchronously after each effect, so an acknowledged document is in the next search.
 * The primary's backfills run in slices between commands, and each slice is an effect as well:
 * replay takes those of the log and starts none, and the next primary goes on with what is left.
 */
import type { ChangeListener } from "../keyspace/change.ts";
import type { KeyspaceView } from "../keyspace/view.ts";
import type { VectorEngine } from "../vector/vector-index.ts";
import { Backfill } from "./backfill.ts";
import type { SearchCatalog, SliceWriter } from "./catalog.ts";
import { decodeSchema, encodeSchema } from "./definition.ts";
import type { DocumentImage } from "./document-image.ts";
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

/** What a snapshot knows of an index. */
export interface IndexImage {
  readonly definition: Buffer;
  /** Existing keys were still being indexed. */
  readonly isPartial: boolean;
  readonly documents: DocumentImage;
}

export interface RestoredIndex {
  readonly index: LiveIndex;
  /** Its graphs wait for links, or to be told that there are none. */
  readonly isHeld: boolean;
  /** Why its documents have not the ids that they had; undefined if they have. */
  readonly problem: string | undefined;
}

const SLICE_MS = 1;
/** Until it is asked again whether slices may be written. */
const WAIT_MS = 100;

export class Catalog implements SearchCatalog, ChangeListener {
  readonly #view: KeyspaceView;
  readonly #engine: VectorEngine;
  readonly #world: CatalogWorld;
  readonly #indexes: Map<string, LiveIndex>;
  #writer: SliceWriter | undefined;
  readonly #report: ProgressReport;
  #isSliceDue: boolean;
  /** While a snapshot comes back: of indexes that are to be created. */
  #images: ReadonlyMap<string, IndexImage> | undefined;

  /** The caller adds it to the keyspace as a listener. */
  constructor(view: KeyspaceView, engine: VectorEngine, world: CatalogWorld) {
    this.#view = view;
    this.#engine = engine;
    this.#world = world;
    this.#indexes = new Map();
    this.#writer = undefined;
    this.#report = new ProgressReport(world, this.#indexes);
    this.#isSliceDue = false;
    this.#images = undefined;
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
  endRecovery(): void {
    // What was replayed is durable: nothing has to wait for it.
    for (const index of this.#indexes.values()) index.isTouched = false;
  }

  /**
   * Before a snapshot's effects, which create indexes and then bring keys back: documents get the
   * ids that they have in these images, whose owner keeps no reference.
   */
  beginRestore(images: ReadonlyMap<string, IndexImage>): void {
    this.#images = images;
  }

  /** After the last effect of the snapshot; every index that is there, in order of creation. */
  endRestore(): readonly RestoredIndex[] {
    const images = this.#images;
    this.#images = undefined;
    return [...this.#indexes.values()].map((index) => {
      if (!index.documents.isRestoring) {
        const isOther = images?.has(index.name) === true;
        const problem = isOther ? "its definition is another one" : "there is no file of it";
        return { index, isHeld: false, problem };
      }
      const problem = index.endRestore();
      if (images?.get(index.name)?.isPartial === true && this.#view.keyCount(0) > 0) {
        index.backfill = new Backfill(index, this.#view, () => this.#world.monotonicMs());
      }
      return { index, isHeld: true, problem };
    });
  }

  /** The snapshot was given up, and the keyspace flushed. */
  abandonRestore(): void {
    this.#images = undefined;
  }

  startBackfills(writer: SliceWriter): void {
    this.#writer = writer;
    for (const index of this.#indexes.values()) index.backfill?.goOn();
    this.#scheduleSlice();
  }

  stopBackfills(): void {
    this.#writer = undefined;
  }

  close(): void {
    this.stopBackfills();
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
    const index = this.#start(name, decodeSchema(definition));
    const image = this.#images?.get(name);
    if (image === undefined || index.isBackfilling) return;
    // Written anew, since an older version wrote some differently.
    if (!encodeSchema(index.schema).equals(image.definition)) return;
    index.beginRestore(image.documents, image.isPartial);
  }

  indexDropped(name: string): void {
    this.#indexes.get(name)?.close();
    this.#indexes.delete(name);
  }

  indexSealed(name: string): void {
    this.#indexes.get(name)?.seal();
  }

  indexBackfilled(name: string, keys: readonly string[], left: number): void {
    this.#indexes.get(name)?.backfill?.take(keys, left);
  }

  #dropAll(): void {
    for (const index of this.#indexes.values()) index.close();
    this.#indexes.clear();
  }

  /** A Map keeps the place of a name that it has, so a restarted index keeps its order. */
  #start(name: string, schema: Schema): LiveIndex {
    const index = new LiveIndex(name, schema, this.#engine, this.#view);
    index.isTouched = true;
    this.#indexes.set(name, index);
    if (this.#view.keyCount(0) === 0) return index;
    index.backfill = new Backfill(index, this.#view, () => this.#world.monotonicMs());
    this.#scheduleSlice();
    this.#report.wake();
    return index;
  }

  get #nextBackfill(): Backfill | undefined {
    for (const { backfill } of this.#indexes.values()) if (backfill !== undefined) return backfill;
    return undefined;
  }

  #scheduleSlice(): void {
    if (this.#isSliceDue || this.#writer === undefined || this.#nextBackfill === undefined) return;
    this.#isSliceDue = true;
    const run = (): void => {
      this.#isSliceDue = false;
      this.#runSlices();
      this.#scheduleSlice();
    };
    if (this.#writer.mayWrite()) this.#world.soon(run);
    else this.#world.after(WAIT_MS, run);
  }

  /** For 1 ms; the last slice of a backfill takes it off its index. */
  #runSlices(): void {
    const writer = this.#writer;
    if (writer?.mayWrite() !== true) return;
    const deadlineMs = this.#world.monotonicMs() + SLICE_MS;
    do {
      const slice = this.#nextBackfill?.nextSlice();
      if (slice === undefined) return;
      if (slice.keys.length > 0 || slice.left === 0) writer.write(slice);
    } while (this.#world.monotonicMs() < deadlineMs);
  }
}
