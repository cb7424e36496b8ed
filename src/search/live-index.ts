/**
 * One index: its documents and attributes, kept equal to the keyspace key by key.
 *
 * index = f(keyspace): after `put` and `remove` for every change, the attributes hold exactly the
 * fields of the live documents, whatever came before. A document keeps its id until something
 * indexed changes. A field that cannot be parsed leaves out that attribute alone, and is counted.
 */
import { isStored } from "../keyspace/stored-bytes.ts";
import type { FieldSharing, HashView } from "../keyspace/view.ts";
import type { VectorEngine, VectorIndexProgress } from "../vector/vector-index.ts";
import type { IndexedAttribute, ValueColumn } from "./attribute.ts";
import { NumericIndex } from "./attribute-numeric.ts";
import { TagIndex } from "./attribute-tag.ts";
import { TextIndex } from "./attribute-text.ts";
import { VectorField } from "./attribute-vector.ts";
import type { Backfill } from "./backfill.ts";
import type { DocumentImage } from "./document-image.ts";
import { Documents } from "./document-table.ts";
import { FieldColumn } from "./field-column.ts";
import type { AttributeDeclaration, Schema } from "./schema.ts";
import type {
  Attribute,
  AttributeStatistics,
  IndexingFailures,
  IndexStatistics,
  NamedChecksum,
  SearchIndex,
} from "./search-index.ts";
import { defaultStopwords } from "./tokenize.ts";

/** Shorter rests are pauses between the batches of one load. */
const SEAL_AFTER_MS = 1_000;

type AnyAttribute = TagIndex | NumericIndex | TextIndex | VectorField;

class Failures implements IndexingFailures {
  count = 0;
  lastError = "";
  lastKey = "";

  note(error: string, key: string): void {
    this.count += 1;
    this.lastError = error;
    this.lastKey = key;
  }
}

interface Slot {
  readonly attribute: AnyAttribute;
  readonly failures: Failures;
  /** Of the field that it reads. */
  readonly column: FieldColumn;
}

export class LiveIndex implements SearchIndex {
  readonly name: string;
  readonly schema: Schema;
  readonly documents: Documents;
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly stopwords: ReadonlySet<string>;
  readonly #fields: readonly string[];
  readonly #columns: readonly FieldColumn[];
  readonly #sharing: FieldSharing;
  readonly #slots: readonly Slot[];
  readonly #failures: Failures;
  #sizeBytes: number;
  #isSizeStale: boolean;
  ingestedSequence: number;
  /** Whether a change reached it since the catalog last marked what was ingested. */
  isTouched: boolean;
  /** The walk over existing keys that fills it. */
  backfill: Backfill | undefined;
  indexingMs: number;
  useCount: number;
  #unsealedThen: number;
  #restingSinceMs: number;
  /** While documents come back: whether others are still to be indexed, and how many came that
   * should not be there. */
  #isPartial: boolean;
  #strangerCount: number;

  constructor(name: string, schema: Schema, engine: VectorEngine, sharing: FieldSharing) {
    this.name = name;
    this.schema = schema;
    this.#sharing = sharing;
    this.documents = new Documents();
    this.stopwords = new Set(schema.stopwords ?? defaultStopwords);
    this.#fields = [...new Set(schema.attributes.map((declaration) => declaration.identifier))];
    this.#columns = this.#fields.map((field) => {
      const readers = schema.attributes.filter(({ identifier }) => identifier === field);
      return new FieldColumn(
        field,
        readers.every(({ type }) => type === "VECTOR"),
      );
    });
    this.#slots = schema.attributes.map((declaration) => {
      const column = this.#columns[this.#fields.indexOf(declaration.identifier)];
      const attribute = this.#makeAttribute(declaration, column, engine);
      return { attribute, failures: new Failures(), column };
    });
    this.attributes = new Map(
      this.#slots.map(({ attribute }) => [attribute.declaration.alias, attribute]),
    );
    this.#failures = new Failures();
    this.#sizeBytes = 0;
    this.#isSizeStale = true;
    this.ingestedSequence = 0;
    this.isTouched = false;
    this.backfill = undefined;
    this.indexingMs = 0;
    this.useCount = 0;
    this.#unsealedThen = 0;
    this.#restingSinceMs = 0;
    this.#isPartial = false;
    this.#strangerCount = 0;
  }

  get isBackfilling(): boolean {
    return this.backfill !== undefined;
  }

  whenBackfilled(): Promise<void> {
    return this.backfill?.finished ?? Promise.resolve();
  }

  coversKey(key: string): boolean {
    for (const prefix of this.schema.prefixes) {
      if (key.startsWith(prefix)) return true;
    }
    return false;
  }

  /** Whether a change of these fields can change the index. */
  readsAnyOf(fields: readonly string[]): boolean {
    for (const field of fields) {
      if (this.#fields.includes(field)) return true;
    }
    return false;
  }

  columnOf(identifier: string): ValueColumn | undefined {
    const found = this.#columns.find(({ field }) => field === identifier);
    for (const { attribute, column } of this.#slots) {
      if (column === found && attribute.kind === "VECTOR") return undefined;
    }
    return found?.bytes;
  }

  /** Makes the document what the hash is now. */
  put(key: string, hash: HashView, expiryMs: number): void {
    const { documents } = this;
    if (documents.isRestoring && !this.#comesBack(key)) return;
    const oldId = documents.idOf(key);
    if (oldId !== undefined && this.#columns.every((column) => column.holds(oldId, hash))) {
      for (const column of this.#columns) column.renew(oldId, key, hash, this.#sharing);
      this.noteExpiry(key, expiryMs);
      return;
    }
    this.isTouched = true;
    this.#isSizeStale = true;
    // A snapshot brings a large hash back in parts, and all of them are the document that it was.
    const isNextPart = oldId !== undefined && documents.isRestoring;
    if (isNextPart) this.#clear(oldId);
    const id = isNextPart ? oldId : documents.allocate(key);
    documents.setExpiring(id, expiryMs !== 0);
    for (const column of this.#columns) column.take(id, hash);
    for (const slot of this.#slots) {
      const error = this.#add(slot, id, key);
      if (error === undefined) continue;
      slot.failures.note(error, key);
      this.#failures.note(error, key);
    }
    if (oldId !== undefined && !isNextPart) this.#takeOut(oldId);
  }

  /**
   * Of a fresh index: documents come back with their ids, and graphs wait for their links. Partial:
   * of existing keys that it lacks the rest is left to a backfill.
   */
  beginRestore(image: DocumentImage, isPartial: boolean): void {
    this.#isPartial = isPartial;
    this.#strangerCount = 0;
    this.documents.restore(image);
    for (const { attribute } of this.#slots) {
      if (attribute.kind === "VECTOR") attribute.index.links?.hold();
    }
  }

  /** All that came back is there; why it is not what the image said, or undefined. */
  endRestore(): string | undefined {
    const missingCount = this.documents.endRestore();
    const strangerCount = this.#strangerCount;
    if (missingCount === 0 && strangerCount === 0) return undefined;
    this.#isSizeStale = true;
    return (
      `the keyspace lacks ${missingCount} of its documents, ` +
      `and has ${strangerCount} that it does not know`
    );
  }

  #comesBack(key: string): boolean {
    if (this.documents.isKnown(key)) return true;
    if (this.#isPartial) return false;
    this.#strangerCount += 1;
    return true;
  }

  /** 0 for none. A search that shows the document rests on the record that says so. */
  noteExpiry(key: string, expiryMs: number): void {
    const id = this.documents.idOf(key);
    if (id === undefined) return;
    if (expiryMs === 0 && !this.documents.expiring.has(id)) return;
    this.isTouched = true;
    this.documents.setExpiring(id, expiryMs !== 0);
  }

  remove(key: string): void {
    const id = this.documents.idOf(key);
    if (id === undefined) return;
    this.isTouched = true;
    this.#isSizeStale = true;
    this.#takeOut(id);
  }

  get unsealedCount(): number {
    let count = 0;
    for (const { attribute } of this.#slots) {
      if (attribute.kind === "VECTOR") count += attribute.index.unsealedCount;
    }
    return count;
  }

  /** Whether nothing has come for SEAL_AFTER_MS, and something came since the last seal. */
  isSealDue(nowMs: number): boolean {
    const count = this.unsealedCount;
    if (count !== this.#unsealedThen || this.isBackfilling) {
      this.#unsealedThen = count;
      this.#restingSinceMs = nowMs;
      return false;
    }
    return count > 0 && nowMs - this.#restingSinceMs >= SEAL_AFTER_MS;
  }

  seal(): void {
    for (const { attribute } of this.#slots) {
      if (attribute.kind === "VECTOR") attribute.index.seal();
    }
  }

  async whenInGraphs(): Promise<void> {
    // At once if it can be: what comes a turn later need not be waited for.
    if (this.isBackfilling) await this.whenBackfilled();
    await Promise.all(
      this.#slots.map(({ attribute }) =>
        attribute.kind === "VECTOR" ? attribute.index.flush() : undefined,
      ),
    );
  }

  async graphChecksums(): Promise<readonly NamedChecksum[]> {
    const checksums: NamedChecksum[] = [];
    for (const { attribute } of this.#slots) {
      if (attribute.kind !== "VECTOR") continue;
      const checksum = await attribute.index.graphChecksum();
      if (checksum !== null) checksums.push([attribute.declaration.alias, checksum]);
    }
    return checksums;
  }

  statistics(): IndexStatistics {
    const attributes = this.#slots.map(attributeStatistics);
    const documentBytes = this.documents.usedBytes + this.#columnBytes();
    return {
      documentCount: this.documents.count,
      documentIdsGiven: this.documents.moment,
      documentBytes,
      failures: this.#failures,
      attributes,
      backfill: this.backfill?.progress(),
      vectors: this.vectorProgress(),
      secondsLeft: this.secondsLeft,
      usedBytes: this.usedBytes,
      indexingMs: this.indexingMs,
      useCount: this.useCount,
      graphLoad: this.#graphLoad,
    };
  }

  get #graphLoad(): string {
    const states = [...this.attributes.values()].flatMap((attribute) =>
      attribute.kind === "VECTOR" && attribute.index.links !== undefined
        ? [attribute.graphLoad]
        : [],
    );
    if (states.length === 0) return "none";
    // One of several that is built again is what somebody looks for.
    const isWorthSaying = (state: string) => state.startsWith("rebuilt") || state === "loading";
    return states.find(isWorthSaying) ?? states[0];
  }

  vectorProgress(): VectorIndexProgress {
    const all = {
      count: 0,
      graphCount: 0,
      tailCount: 0,
      tombstoneCount: 0,
      buildRate: 0,
      bytes: 0,
      storedBytes: 0,
    };
    const memory = {
      valueBytes: 0,
      codeBytes: 0,
      linkBytes: 0,
      tombstoneBytes: 0,
      tableBytes: 0,
    };
    let secondsLeft = 0;
    for (const { attribute } of this.#slots) {
      if (attribute.kind !== "VECTOR") continue;
      const one = attribute.index.progress();
      all.count += one.count;
      all.graphCount += one.graphCount;
      all.tailCount += one.tailCount;
      all.tombstoneCount += one.tombstoneCount;
      all.buildRate += one.buildRate;
      all.bytes += one.bytes;
      memory.valueBytes += one.memory.valueBytes;
      memory.codeBytes += one.memory.codeBytes;
      memory.linkBytes += one.memory.linkBytes;
      memory.tombstoneBytes += one.memory.tombstoneBytes;
      memory.tableBytes += one.memory.tableBytes;
      all.storedBytes += one.storedBytes;
      if (one.secondsLeft < 0 || secondsLeft < 0) secondsLeft = -1;
      else secondsLeft = Math.max(secondsLeft, one.secondsLeft);
    }
    return { ...all, memory, secondsLeft };
  }

  /** Until backfill and graph are done; -1 when unknown. */
  get secondsLeft(): number {
    const graph = this.vectorProgress().secondsLeft;
    const keys = this.backfill?.progress().secondsLeft ?? 0;
    return graph < 0 || keys < 0 ? -1 : Math.max(graph, keys);
  }

  /** Asked before every write under maxmemory, so only what changed is added up again. */
  get usedBytes(): number {
    if (this.#isSizeStale) {
      this.#isSizeStale = false;
      this.#sizeBytes = this.documents.usedBytes + this.#columnBytes();
      for (const { attribute } of this.#slots) {
        if (attribute.kind !== "VECTOR") this.#sizeBytes += attribute.usedBytes;
      }
    }
    let usedBytes = this.#sizeBytes;
    for (const { attribute } of this.#slots) {
      if (attribute.kind === "VECTOR") usedBytes += attribute.usedBytes;
    }
    return usedBytes;
  }

  /** Frees the engine's indexes; searches under way reject. */
  close(): void {
    this.backfill?.cancel();
    this.backfill = undefined;
    for (const { attribute } of this.#slots) {
      if (attribute.kind === "VECTOR") attribute.index.close();
    }
  }

  #add({ attribute, column }: Slot, id: number, key: string): string | undefined {
    const value = column.at(id);
    if (value === undefined) return undefined;
    if (attribute.kind !== "VECTOR") return isStored(value) ? undefined : attribute.add(id, value);
    const problem = attribute.problemWith(value);
    if (problem !== undefined) return problem;
    const shared = attribute.isSharing ? column.share(id, key, this.#sharing) : undefined;
    return attribute.take(id, shared ?? value);
  }

  #takeOut(id: number): void {
    this.#clear(id);
    this.documents.release(id);
  }

  #clear(id: number): void {
    for (const { attribute, column } of this.#slots) {
      const value = column.at(id);
      if (value === undefined) continue;
      if (attribute.kind === "VECTOR") attribute.remove(id);
      else if (!isStored(value)) attribute.remove(id, value);
    }
    for (const column of this.#columns) column.clear(id);
  }

  #columnBytes(): number {
    let slots = 0;
    for (const column of this.#columns) slots += column.length;
    return slots * 8;
  }

  #makeAttribute(
    declaration: AttributeDeclaration,
    column: FieldColumn,
    engine: VectorEngine,
  ): AnyAttribute {
    switch (declaration.type) {
      case "TAG":
        return new TagIndex(declaration, column.bytes);
      case "NUMERIC":
        return new NumericIndex(declaration);
      case "TEXT":
        return new TextIndex(declaration, column.bytes, this.stopwords);
      case "VECTOR":
        return new VectorField(declaration, engine);
    }
  }
}

function attributeStatistics({ attribute, failures }: Slot): AttributeStatistics {
  const indexed: Pick<IndexedAttribute, "usedBytes" | "termCount" | "recordCount"> = attribute;
  return {
    declaration: attribute.declaration,
    failures,
    usedBytes: indexed.usedBytes,
    positionBytes: attribute.kind === "TEXT" ? attribute.positionBytes : 0,
    termCount: indexed.termCount,
    recordCount: indexed.recordCount,
    vectors: attribute.kind === "VECTOR" ? attribute.index.progress() : undefined,
  };
}
