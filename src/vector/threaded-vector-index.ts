/**
 * `VectorIndex` over search threads, FLAT and HNSW.
 *
 * A vector goes into shared memory and into the tail at once. The owner of an HNSW graph takes it
 * over later and says so in a report; from then on it is no longer in the tail. A row may be in the
 * graph and, because the report is still under way, in the tail as well: merging drops the double.
 * The owner carries out changes and searches in the order in which they were asked, so its graph
 * never shows a later change to an earlier search; scans read a snapshot of the bitmap of slots.
 */
import { assert } from "../base/assert.ts";
import { Bitmap } from "../base/bitmap.ts";
import type { Clock, TimerHandle, Timers } from "../runtime/clock.ts";
import type { BlockPool } from "./block-pool.ts";
import { BuildRate } from "./build-rate.ts";
import { PendingSearches } from "./pending-searches.ts";
import { RowStore } from "./row-store.ts";
import { efFor, isMergeShort, isScanCheaper, SLOT_LIST_MAX, scanPartCount } from "./search-plan.ts";
import { CurrentSnapshot, type Snapshot, SnapshotPool } from "./shared-bitmaps.ts";
import type { ThreadPool } from "./thread-pool.ts";
import type { SortedNeighbors } from "./top-list.ts";
import { vectorBytes } from "./vector-codec.ts";
import type {
  NearestRequest,
  Neighbors,
  RangeRequest,
  VectorIndex,
  VectorIndexProgress,
  VectorParameters,
} from "./vector-index.ts";
import type { GraphReport, ScanSource, SearchCommand } from "./vector-protocol.ts";

const EMPTY: Neighbors = {
  ids: new Uint32Array(0),
  distances: new Float32Array(0),
  method: "empty",
};
/** Searches that time out are told at this grain. */
const EXPIRY_GRAIN_MS = 5;
/** A tail of fewer rows is scanned by the graph's owner, in the same breath. */
const OWN_TAIL_ROWS_MAX = 128;
const NO_OWNER = -1;

export interface ThreadedIndexParts {
  readonly number: number;
  readonly pool: ThreadPool;
  readonly blocks: BlockPool;
  readonly clock: Clock;
  readonly timers: Timers;
  /** The thread with the graph; -1 for FLAT. */
  readonly owner: number;
  readonly onClose: () => void;
}

interface Flush {
  readonly change: number;
  readonly resolve: () => void;
  readonly reject: (failure: Error) => void;
}

/** What both kinds of search come down to. */
interface Search {
  readonly query: Buffer;
  readonly k: number;
  readonly radius: number;
  readonly filter: Bitmap | null;
  readonly timeoutMs: number;
}

export class ThreadedVectorIndex implements VectorIndex {
  readonly parameters: VectorParameters;
  readonly #parts: ThreadedIndexParts;
  readonly #rows: RowStore;
  /** Live slots that are not known to be in the graph. FLAT: unused. */
  readonly #tail: Bitmap;
  readonly #snapshots: SnapshotPool;
  readonly #liveSnapshot: CurrentSnapshot;
  readonly #tailSnapshot: CurrentSnapshot;
  readonly #searches: PendingSearches;
  readonly #rate: BuildRate;
  #changes: number[];
  #changeCount: number;
  #receivedCount: number;
  #completedCount: number;
  #tombstoneCount: number;
  #graphBytes: number;
  #request: number;
  #flushes: Flush[];
  #expiry: TimerHandle | null;
  #isClosed: boolean;

  constructor(parameters: VectorParameters, parts: ThreadedIndexParts) {
    this.parameters = parameters;
    this.#parts = parts;
    this.#rows = new RowStore(parameters, () => {
      const memory = parts.blocks.take();
      parts.pool.sendAll({ kind: "block", index: parts.number, memory });
      return memory;
    });
    this.#tail = new Bitmap();
    this.#snapshots = new SnapshotPool();
    this.#liveSnapshot = new CurrentSnapshot(this.#snapshots);
    this.#tailSnapshot = new CurrentSnapshot(this.#snapshots);
    this.#searches = new PendingSearches(this.#snapshots);
    this.#rate = new BuildRate(parts.clock);
    this.#changes = [];
    this.#changeCount = 0;
    this.#receivedCount = 0;
    this.#completedCount = 0;
    this.#tombstoneCount = 0;
    this.#graphBytes = 0;
    this.#request = 0;
    this.#flushes = [];
    this.#expiry = null;
    this.#isClosed = false;
    for (let thread = 0; thread < parts.pool.count; thread += 1) {
      const isOwner = thread === parts.owner;
      parts.pool.send(thread, { kind: "create", index: parts.number, parameters, isOwner });
    }
  }

  get #hasGraph(): boolean {
    return this.#parts.owner !== NO_OWNER;
  }

  add(id: number, vector: Buffer): void {
    assert(!this.#isClosed, "nothing is added to a closed index");
    const { type, dimensions } = this.parameters;
    assert(vector.length === vectorBytes(type, dimensions), "a vector was validated before");
    const oldest = this.#searches.oldestRequest;
    const slot = this.#rows.add(id, vector, oldest, this.#receivedCount);
    this.#liveSnapshot.drop();
    if (!this.#hasGraph) return;
    this.#tail.add(slot);
    this.#tailSnapshot.drop();
    this.#change(slot);
  }

  remove(id: number): void {
    if (this.#isClosed) return;
    const change = this.#hasGraph ? this.#changeCount + 1 : 0;
    const slot = this.#rows.remove(id, this.#request, change);
    if (slot < 0) return;
    this.#liveSnapshot.drop();
    if (!this.#hasGraph) return;
    if (this.#tail.remove(slot)) this.#tailSnapshot.drop();
    this.#change(~slot);
  }

  async nearest(request: NearestRequest): Promise<Neighbors> {
    const { query, k, filter, timeoutMs } = request;
    const matching = this.#matching(filter);
    if (matching === 0 || k === 0) return EMPTY;
    const search = { query, k, radius: Number.POSITIVE_INFINITY, filter, timeoutMs };
    const efRuntime = efFor(k, request.efRuntime, this.parameters.efRuntime);
    const graphCount = this.#rows.live.count - this.#tail.count;
    const isExact =
      !this.#hasGraph ||
      graphCount === 0 ||
      isScanCheaper(matching, this.#rows.live.count, efRuntime);
    return isExact ? this.#searchRows(search) : this.#searchGraph(search, efRuntime);
  }

  async withinRange(request: RangeRequest): Promise<Neighbors> {
    if (this.#matching(request.filter) === 0) return EMPTY;
    const radius = Math.fround(request.radius);
    return this.#searchRows({ ...request, k: Number.POSITIVE_INFINITY, radius });
  }

  progress(): VectorIndexProgress {
    const count = this.#rows.live.count;
    const tailCount = this.#tail.count;
    return {
      count,
      graphCount: count - tailCount,
      tailCount,
      tombstoneCount: this.#tombstoneCount,
      buildRate: tailCount === 0 ? 0 : this.#rate.perSecond(),
      secondsLeft: tailCount === 0 ? 0 : this.#rate.secondsFor(tailCount),
      bytes: this.#rows.usedBytes + this.#graphBytes,
    };
  }

  async flush(): Promise<void> {
    this.#assertOpen();
    if (this.#completedCount >= this.#changeCount) return;
    const change = this.#changeCount;
    await new Promise<void>((resolve, reject) => {
      this.#flushes.push({ change, resolve, reject });
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#parts.pool.sendAll({ kind: "close", index: this.#parts.number });
    this.#parts.blocks.give(this.#rows.takeBlocks());
    this.fail(new Error("the index was closed"));
    this.#parts.onClose();
  }

  /** Nothing will be answered any more. */
  fail(failure: Error): void {
    this.#expiry?.cancel();
    this.#expiry = null;
    this.#searches.rejectAll(failure);
    for (const flush of this.#flushes) flush.reject(failure);
    this.#flushes = [];
  }

  takeAnswer(request: number, neighbors: SortedNeighbors | null): void {
    this.#searches.takePart(request, neighbors);
  }

  takeReport(report: GraphReport): void {
    this.#receivedCount = report.receivedCount;
    this.#completedCount = report.completedCount;
    this.#tombstoneCount = report.tombstoneCount;
    this.#graphBytes = report.graphBytes;
    for (const slot of report.inserted) this.#tail.remove(slot);
    if (report.inserted.length > 0) {
      this.#tailSnapshot.drop();
      this.#rate.note(report.inserted.length);
    }
    if (this.#flushes.length === 0) return;
    const done = this.#flushes.filter((flush) => flush.change <= report.completedCount);
    this.#flushes = this.#flushes.filter((flush) => flush.change > report.completedCount);
    for (const flush of done) flush.resolve();
  }

  #matching(filter: Bitmap | null): number {
    this.#assertOpen();
    const count = this.#rows.live.count;
    return filter === null ? count : Math.min(count, filter.count);
  }

  #assertOpen(): void {
    const { failure } = this.#parts.pool;
    if (failure !== null) throw failure;
    if (this.#isClosed) throw new Error("the index was closed");
  }

  #searchRows(search: Search): Promise<Neighbors> {
    const { filter } = search;
    const lent: Snapshot[] = [];
    if (filter !== null && filter.count <= SLOT_LIST_MAX) {
      const slots = this.#slotsOf(filter);
      if (slots.length === 0) return Promise.resolve(EMPTY);
      const command = this.#command(search, null);
      command.scan = { kind: "slots", slots };
      return this.#ask(search, "exact", lent, [command], NO_OWNER);
    }
    const command = this.#command(search, this.#lendFilter(filter, lent));
    const scans = this.#scanCommands(command, this.#rows.live, this.#liveSnapshot, lent);
    return this.#ask(search, "exact", lent, scans, NO_OWNER);
  }

  #searchGraph(search: Search, efRuntime: number): Promise<Neighbors> {
    const lent: Snapshot[] = [];
    const { owner, pool } = this.#parts;
    const filter = this.#lendFilter(search.filter, lent);
    const graph = { ...this.#command(search, filter), efRuntime };
    this.#sendChanges();
    if (this.#tail.count === 0) return this.#ask(search, "graph", lent, [graph], owner);
    if (this.#tail.count <= OWN_TAIL_ROWS_MAX || pool.count === 1 || !isMergeShort(search.k)) {
      graph.scan = this.#wholeScan(this.#tail, this.#tailSnapshot, lent);
      return this.#ask(search, "graph+tail", lent, [graph], owner);
    }
    const command = this.#command(search, filter);
    const scans = this.#scanCommands(command, this.#tail, this.#tailSnapshot, lent);
    return this.#ask(search, "graph+tail", lent, [graph, ...scans], owner);
  }

  #slotsOf(filter: Bitmap): Uint32Array {
    const slots = new Uint32Array(filter.count);
    let count = 0;
    filter.forEach((id) => {
      const slot = this.#rows.slotOf(id);
      if (slot < 0) return;
      slots[count] = slot;
      count += 1;
    });
    return slots.slice(0, count);
  }

  #lendFilter(filter: Bitmap | null, lent: Snapshot[]): Snapshot | null {
    if (filter === null) return null;
    const snapshot = this.#snapshots.copy(filter, filter.words.length);
    lent.push(snapshot);
    return snapshot;
  }

  #command(search: Search, filter: Snapshot | null): Writable<SearchCommand> {
    return {
      kind: "search",
      index: this.#parts.number,
      request: this.#request + 1,
      query: Uint8Array.from(search.query),
      k: search.k,
      radius: search.radius,
      filter: filter === null ? null : filter.words,
      filterCount: search.filter === null ? Number.POSITIVE_INFINITY : search.filter.count,
      efRuntime: 0,
      scan: null,
      deadlineMs: this.#deadlineOf(search),
    };
  }

  #wholeScan(bitmap: Bitmap, current: CurrentSnapshot, lent: Snapshot[]): ScanSource {
    const wordCount = Math.min(bitmap.words.length, this.#rows.blocks.capacity >>> 5);
    const snapshot = current.take(bitmap, wordCount);
    lent.push(snapshot);
    return { kind: "words", words: snapshot.words, from: 0, to: wordCount };
  }

  /** The scan in as many parts as idle threads make quicker. */
  #scanCommands(
    command: SearchCommand,
    bitmap: Bitmap,
    current: CurrentSnapshot,
    lent: Snapshot[],
  ): SearchCommand[] {
    const whole = this.#wholeScan(bitmap, current, lent);
    if (whole.kind !== "words") return [{ ...command, scan: whole }];
    const idle = this.#parts.pool.load.filter((load) => load === 0).length;
    const rows = Math.min(bitmap.count, command.filterCount);
    const parts = scanPartCount(rows, this.parameters.dimensions, command.k, idle);
    const step = Math.ceil(whole.to / parts);
    const commands: SearchCommand[] = [];
    for (let from = 0; from < whole.to; from += step) {
      const scan = { ...whole, from, to: Math.min(whole.to, from + step) };
      commands.push({ ...command, scan });
    }
    return commands;
  }

  /** A command with a graph goes to the graph's thread, the others where there is least to do. */
  #ask(
    search: Search,
    method: Neighbors["method"],
    lent: readonly Snapshot[],
    commands: readonly SearchCommand[],
    owner: number,
  ): Promise<Neighbors> {
    const { pool } = this.#parts;
    const builder = this.#tail.count > 0 || owner !== NO_OWNER ? this.#parts.owner : NO_OWNER;
    this.#request += 1;
    for (const command of commands) {
      const thread = command.efRuntime > 0 ? owner : pool.leastLoaded(builder);
      pool.load[thread] += 1;
      pool.send(thread, command);
    }
    return new Promise((resolve, reject) => {
      this.#searches.add({
        request: this.#request,
        k: search.k,
        method,
        lent,
        deadlineMs: this.#deadlineOf(search),
        parts: [],
        missingParts: commands.length,
        isSettled: false,
        resolve,
        reject,
      });
      if (search.timeoutMs > 0) this.#watchDeadlines();
    });
  }

  #deadlineOf(search: Search): number {
    if (search.timeoutMs === 0) return Number.POSITIVE_INFINITY;
    return this.#parts.clock.nowMs() + search.timeoutMs;
  }

  #watchDeadlines(): void {
    this.#expiry ??= this.#parts.timers.every(EXPIRY_GRAIN_MS, () => {
      if (this.#searches.expire(this.#parts.clock.nowMs())) return;
      this.#expiry?.cancel();
      this.#expiry = null;
    });
  }

  #change(change: number): void {
    this.#changes.push(change);
    this.#changeCount += 1;
    if (this.#changes.length === 1) this.#parts.timers.soon(() => this.#sendChanges());
  }

  #sendChanges(): void {
    if (this.#changes.length === 0 || this.#isClosed) return;
    const changes = Int32Array.from(this.#changes);
    this.#changes = [];
    const index = this.#parts.number;
    this.#parts.pool.send(this.#parts.owner, { kind: "changes", index, changes });
  }
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
