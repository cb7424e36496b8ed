/**
 * `VectorIndex` over search threads, for FLAT: every search is an exact scan.
 *
 * A vector goes into shared memory at once; scans read a snapshot of the bitmap of slots.
 */
import { assert } from "../base/assert.ts";
import type { Bitmap } from "../base/bitmap.ts";
import type { Clock, TimerHandle, Timers } from "../runtime/clock.ts";
import type { BlockPool } from "./block-pool.ts";
import { PendingSearches } from "./pending-searches.ts";
import { RowStore } from "./row-store.ts";
import { SLOT_LIST_MAX, scanPartCount } from "./scan-parts.ts";
import { CurrentSnapshot, type Snapshot, SnapshotPool } from "./shared-bitmaps.ts";
import type { ThreadPool } from "./thread-pool.ts";
import type { SortedNeighbors } from "./top-list.ts";
import { vectorBytes } from "./vector-codec.ts";
import type {
  NearestRequest,
  Neighbors,
  NeighborWaiter,
  RangeRequest,
  VectorIndex,
  VectorIndexProgress,
  VectorParameters,
} from "./vector-index.ts";
import type { ScanSource, SearchCommand } from "./vector-protocol.ts";

const EMPTY: Neighbors = {
  ids: new Uint32Array(0),
  distances: new Float32Array(0),
  method: "empty",
};
/** Searches that time out are told at this grain. */
const EXPIRY_GRAIN_MS = 5;

export interface FlatIndexParts {
  readonly number: number;
  readonly pool: ThreadPool;
  readonly blocks: BlockPool;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly onClose: () => void;
}

/** What both kinds of search come down to. */
interface Search {
  readonly query: Buffer;
  readonly k: number;
  readonly radius: number;
  readonly filter: Bitmap | null;
  readonly timeoutMs: number;
}

export class FlatIndex implements VectorIndex {
  readonly parameters: VectorParameters;
  readonly #parts: FlatIndexParts;
  readonly #rows: RowStore;
  readonly #snapshots: SnapshotPool;
  readonly #liveSnapshot: CurrentSnapshot;
  readonly #searches: PendingSearches;
  #request: number;
  #expiry: TimerHandle | null;
  #isClosed: boolean;

  constructor(parameters: VectorParameters, parts: FlatIndexParts) {
    this.parameters = parameters;
    this.#parts = parts;
    this.#rows = new RowStore(parameters, () => {
      const memory = parts.blocks.take();
      if (memory === null) return null;
      parts.pool.sendAll({ kind: "block", index: parts.number, memory });
      return memory;
    });
    this.#snapshots = new SnapshotPool();
    this.#liveSnapshot = new CurrentSnapshot(this.#snapshots);
    this.#searches = new PendingSearches(this.#snapshots);
    this.#request = 0;
    this.#expiry = null;
    this.#isClosed = false;
    parts.pool.sendAll({ kind: "create", index: parts.number, parameters });
  }

  add(id: number, vector: Buffer): boolean {
    assert(!this.#isClosed, "nothing is added to a closed index");
    const { type, dimensions } = this.parameters;
    assert(vector.length === vectorBytes(type, dimensions), "a vector was validated before");
    if (!this.#rows.add(id, vector, this.#searches.oldestRequest)) return false;
    this.#liveSnapshot.drop();
    return true;
  }

  remove(id: number): void {
    if (this.#isClosed) return;
    if (this.#rows.remove(id, this.#request)) this.#liveSnapshot.drop();
  }

  async nearest(request: NearestRequest): Promise<Neighbors> {
    const { query, k, filter, timeoutMs } = request;
    if (this.#matching(filter) === 0 || k === 0) return EMPTY;
    const search = { query, k, radius: Number.POSITIVE_INFINITY, filter, timeoutMs };
    return this.#explained(request, this.#scan(search));
  }

  ask(request: NearestRequest, waiter: NeighborWaiter): void {
    this.nearest(request).then(
      (neighbors) => waiter.found(neighbors),
      (reason: Error) => waiter.failed(reason),
    );
  }

  async withinRange(request: RangeRequest): Promise<Neighbors> {
    if (this.#matching(request.filter) === 0) return EMPTY;
    const radius = Math.fround(request.radius);
    const search = { ...request, k: Number.POSITIVE_INFINITY, radius };
    return this.#explained(request, this.#scan(search));
  }

  progress(): VectorIndexProgress {
    const count = this.#rows.live.count;
    return {
      count,
      graphCount: count,
      tailCount: 0,
      tombstoneCount: 0,
      buildRate: 0,
      secondsLeft: 0,
      bytes: this.#rows.usedBytes,
      memory: {
        valueBytes: this.#rows.usedBytes,
        codeBytes: 0,
        linkBytes: 0,
        tombstoneBytes: 0,
        tableBytes: 0,
      },
      storedBytes: 0,
    };
  }

  /** There is no graph. */
  seal(): void {}

  get unsealedCount(): number {
    return 0;
  }

  async flush(): Promise<void> {
    this.#assertOpen();
  }

  async graphChecksum(): Promise<null> {
    return null;
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
  }

  takeAnswer(request: number, neighbors: SortedNeighbors | null): void {
    this.#searches.takePart(request, neighbors);
  }

  /** Every scan looks at all that match. */
  async #explained(
    { filter, isProfiled }: NearestRequest | RangeRequest,
    answer: Promise<Neighbors>,
  ): Promise<Neighbors> {
    if (isProfiled !== true) return answer;
    const matchingCount = this.#matching(filter);
    const totalCount = this.#rows.live.count;
    const startedMs = this.#parts.clock.monotonicMs();
    const neighbors = await answer;
    const work = {
      totalCount,
      matchingCount,
      hopCount: 0,
      codeDistanceCount: 0,
      rerankedCount: 0,
      tailCount: 0,
      scannedCount: matchingCount,
      waitedMs: 0,
      searchedMs: this.#parts.clock.monotonicMs() - startedMs,
    };
    return { ...neighbors, work };
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

  #scan(search: Search): Promise<Neighbors> {
    const { filter } = search;
    const lent: Snapshot[] = [];
    if (filter !== null && filter.count <= SLOT_LIST_MAX) {
      const slots = this.#slotsOf(filter);
      if (slots.length === 0) return Promise.resolve(EMPTY);
      return this.#ask(search, lent, [this.#command(search, null, { kind: "slots", slots })]);
    }
    const words = this.#lendFilter(filter, lent);
    const scans = this.#scans(search, lent);
    return this.#ask(
      search,
      lent,
      scans.map((scan) => this.#command(search, words, scan)),
    );
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
    return this.#lend(this.#snapshots.copy(filter, filter.words.length), lent);
  }

  #lend(snapshot: Snapshot, lent: Snapshot[]): Snapshot {
    lent.push(snapshot);
    return snapshot;
  }

  #command(search: Search, filter: Snapshot | null, scan: ScanSource): SearchCommand {
    return {
      kind: "search",
      index: this.#parts.number,
      request: this.#request + 1,
      query: Uint8Array.from(search.query),
      k: search.k,
      radius: search.radius,
      filter: filter === null ? null : filter.words,
      scan,
      deadlineMs: this.#deadlineOf(search),
    };
  }

  /** The scan in as many parts as idle threads make quicker. */
  #scans(search: Search, lent: Snapshot[]): ScanSource[] {
    const { live, blocks } = this.#rows;
    const wordCount = Math.min(live.words.length, blocks.capacity >>> 5);
    const { words } = this.#lend(this.#liveSnapshot.take(live, wordCount), lent);
    const idle = this.#parts.pool.load.filter((load) => load === 0).length;
    const rows = this.#matching(search.filter);
    const parts = scanPartCount(rows, this.parameters.dimensions, search.k, idle);
    const step = Math.ceil(wordCount / parts);
    const scans: ScanSource[] = [];
    for (let from = 0; from < wordCount; from += step) {
      scans.push({ kind: "words", words, from, to: Math.min(wordCount, from + step) });
    }
    return scans;
  }

  #ask(
    search: Search,
    lent: readonly Snapshot[],
    commands: readonly SearchCommand[],
  ): Promise<Neighbors> {
    const { pool } = this.#parts;
    this.#request += 1;
    for (const command of commands) {
      const thread = pool.leastLoaded();
      pool.load[thread] += 1;
      pool.send(thread, command);
    }
    return new Promise((resolve, reject) => {
      this.#searches.add({
        request: this.#request,
        k: search.k,
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
}
