/**
 * What the owning thread does for one HNSW index: takes changes, inserts rows in small steps
 * between searches, and replaces the graph by a fresh one when removes have worn it down.
 *
 * A remove is in force as soon as it was received; an add waits in a queue (its row is in the tail,
 * which searches scan exactly). While a fresh graph is built the old one keeps answering and keeps
 * taking adds; the builder walks over the old graph's labels, and so comes by the new ones too.
 */
import { hasBit, offerSlot, type ScanQuery } from "./exact-scan.ts";
import { HnswGraph } from "./hnsw-graph.ts";
import type { RowBlocks } from "./row-blocks.ts";
import type { TopList } from "./top-list.ts";
import type { VectorParameters } from "./vector-index.ts";

const TOMBSTONES_MIN = 1024;
/** Tombstones to live rows at which a fresh graph is begun. */
const TOMBSTONE_RATIO = 0.3;
/** Of three steps, while both have work, two go to the fresh graph, so that it catches up. */
const FRESH_STEPS_OF = 3;

export class GraphOwner {
  receivedCount: number;
  readonly inserted: number[];
  readonly #parameters: VectorParameters;
  readonly #blocks: RowBlocks;
  /** Slot to the number of the add that waits. */
  readonly #waiting: Map<number, number>;
  /** Pairs of slot and number. */
  #queue: number[];
  #queueHead: number;
  #graph: HnswGraph;
  #fresh: HnswGraph | null;
  #freshLabel: number;
  #stepCount: number;

  constructor(parameters: VectorParameters, blocks: RowBlocks) {
    this.receivedCount = 0;
    this.inserted = [];
    this.#parameters = parameters;
    this.#blocks = blocks;
    this.#waiting = new Map();
    this.#queue = [];
    this.#queueHead = 0;
    this.#graph = new HnswGraph(parameters, blocks, parameters.initialCapacity);
    this.#fresh = null;
    this.#freshLabel = 0;
    this.#stepCount = 0;
  }

  get hasWork(): boolean {
    return this.#waiting.size > 0 || this.#fresh !== null;
  }

  get isQueueEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Adds up to this one are in the graph. */
  get completedCount(): number {
    this.#skipRemoved();
    if (this.#queueHead === this.#queue.length) return this.receivedCount;
    return this.#queue[this.#queueHead + 1] - 1;
  }

  get tombstoneCount(): number {
    return this.#graph.tombstoneCount;
  }

  get usedBytes(): number {
    return this.#graph.usedBytes + (this.#fresh?.usedBytes ?? 0);
  }

  take(changes: Int32Array): void {
    for (let index = 0; index < changes.length; index += 1) {
      this.receivedCount += 1;
      const change = changes[index];
      if (change < 0) {
        this.#remove(~change);
      } else {
        this.#waiting.set(change, this.receivedCount);
        this.#queue.push(change, this.receivedCount);
      }
    }
    this.#renewIfWorn();
  }

  /** One insert, into the graph or into the fresh one. */
  step(): void {
    this.#stepCount += 1;
    const isForFresh = this.#fresh !== null && this.#stepCount % FRESH_STEPS_OF !== 0;
    if (this.#fresh !== null && (isForFresh || this.isQueueEmpty)) {
      this.#stepFresh(this.#fresh);
      return;
    }
    this.#skipRemoved();
    if (this.#queueHead === this.#queue.length) return;
    const slot = this.#queue[this.#queueHead];
    this.#queueHead += 2;
    this.#waiting.delete(slot);
    this.#graph.insert(slot);
    this.inserted.push(slot);
  }

  search(
    query: ScanQuery,
    k: number,
    efRuntime: number,
    filter: Uint32Array | null,
    filterCount: number,
    top: TopList,
  ): void {
    const graph = this.#graph;
    const found = graph.search(query, k, efRuntime, filter, top);
    if (found >= Math.min(k, graph.liveCount, filterCount)) return;
    this.#scanGraph(query, filter, top);
  }

  free(): void {
    this.#graph.free();
    this.#fresh?.free();
  }

  /** The walk came back short, so every row in the graph is looked at. */
  #scanGraph(query: ScanQuery, filter: Uint32Array | null, top: TopList): void {
    top.clear();
    const { slots, nodeCount } = this.#graph;
    for (let label = 0; label < nodeCount; label += 1) {
      const slot = slots[label];
      if (slot < 0) continue;
      const ids = this.#blocks.ids[slot >>> this.#blocks.rowShift];
      if (filter !== null && !hasBit(filter, ids[slot & this.#blocks.rowMask])) continue;
      offerSlot(this.#blocks, query, slot, top);
    }
  }

  #remove(slot: number): void {
    if (this.#waiting.delete(slot)) return;
    this.#graph.remove(slot);
    if (this.#fresh?.has(slot)) this.#fresh.remove(slot);
  }

  /** Entries whose add was undone, or done again later in the queue. */
  #skipRemoved(): void {
    while (this.#queueHead < this.#queue.length) {
      const number = this.#waiting.get(this.#queue[this.#queueHead]);
      if (number === this.#queue[this.#queueHead + 1]) break;
      this.#queueHead += 2;
    }
    if (this.#queueHead === this.#queue.length) {
      this.#queue = [];
      this.#queueHead = 0;
    }
  }

  #renewIfWorn(): void {
    if (this.#fresh !== null) return;
    const { tombstoneCount, liveCount } = this.#graph;
    if (tombstoneCount < Math.max(TOMBSTONES_MIN, liveCount * TOMBSTONE_RATIO)) return;
    const capacity = Math.ceil(liveCount * 1.1);
    this.#fresh = new HnswGraph(this.#parameters, this.#blocks, capacity);
    this.#freshLabel = 0;
  }

  #stepFresh(fresh: HnswGraph): void {
    const { slots, nodeCount } = this.#graph;
    while (this.#freshLabel < nodeCount && slots[this.#freshLabel] < 0) this.#freshLabel += 1;
    if (this.#freshLabel < nodeCount) {
      fresh.insert(slots[this.#freshLabel]);
      this.#freshLabel += 1;
      return;
    }
    this.#graph.free();
    this.#graph = fresh;
    this.#fresh = null;
    this.#renewIfWorn();
  }
}
