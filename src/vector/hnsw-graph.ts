/**
 * One HNSW graph over rows, built by hnswlib, on the thread that owns it.
 *
 * A node's label is the count of inserts before it, so labels are dense and never used twice: the
 * library's own reuse of deleted nodes loses the way to some of the others, and costs more than a
 * fresh insert. A removed row is a tombstone, walked through but never returned; `graph-owner.ts`
 * replaces a graph that has too many by a fresh one.
 * The graph holds float32, normalised for COSINE; reported distances come from the rows.
 */
import hnswlib from "hnswlib-node";
import { assert } from "../base/assert.ts";
import { inverseNorm } from "./distance-kernels.ts";
import { hasBit, offerSlot, type ScanQuery } from "./exact-scan.ts";
import type { RowBlocks } from "./row-blocks.ts";
import type { TopList } from "./top-list.ts";
import type { VectorParameters } from "./vector-index.ts";

const CAPACITY_MIN = 1024;
/** INITIAL_CAP is a wish: memory is taken as rows come. */
const CAPACITY_FIRST_MAX = 65_536;
/** The library's lock, level, upper links and visit marks for a node, beside its data. */
const NODE_BYTES = 64;
const FLOAT32_MAX = 3.4028234663852886e38;
const SEED = 100;

export class HnswGraph {
  nodeCount: number;
  tombstoneCount: number;
  /** By label; -1 for a tombstone. */
  slots: Int32Array;
  readonly #parameters: VectorParameters;
  readonly #blocks: RowBlocks;
  readonly #graph: hnswlib.HierarchicalNSW;
  readonly #point: number[];
  #capacity: number;
  #labels: Int32Array;

  constructor(parameters: VectorParameters, blocks: RowBlocks, capacity: number) {
    this.nodeCount = 0;
    this.tombstoneCount = 0;
    this.#parameters = parameters;
    this.#blocks = blocks;
    this.#capacity = Math.max(CAPACITY_MIN, Math.min(capacity, CAPACITY_FIRST_MAX));
    this.slots = new Int32Array(this.#capacity).fill(-1);
    this.#labels = new Int32Array(this.#capacity).fill(-1);
    this.#point = new Array<number>(parameters.dimensions).fill(0.5);
    const space = parameters.metric === "L2" ? "l2" : "ip";
    this.#graph = new hnswlib.HierarchicalNSW(space, parameters.dimensions);
    this.#graph.initIndex(this.#capacity, parameters.m, parameters.efConstruction, SEED, false);
  }

  get liveCount(): number {
    return this.nodeCount - this.tombstoneCount;
  }

  get usedBytes(): number {
    const linkBytes = (this.#parameters.m * 2 + 1) * 4 + 8;
    const nodeBytes = this.#parameters.dimensions * 4 + linkBytes + NODE_BYTES;
    return this.nodeCount * nodeBytes + this.#capacity * 8;
  }

  has(slot: number): boolean {
    return slot < this.#labels.length && this.#labels[slot] >= 0;
  }

  insert(slot: number): void {
    assert(!this.has(slot), "a slot goes into a graph once");
    if (this.nodeCount === this.#capacity) this.#growNodes();
    if (slot >= this.#labels.length) this.#growSlots(slot + 1);
    this.#fillPoint(slot);
    const label = this.nodeCount;
    this.#graph.addPoint(this.#point, label);
    this.nodeCount += 1;
    this.slots[label] = slot;
    this.#labels[slot] = label;
  }

  remove(slot: number): void {
    const label = this.#labels[slot];
    this.#graph.markDelete(label);
    this.slots[label] = -1;
    this.#labels[slot] = -1;
    this.tombstoneCount += 1;
  }

  /** Offers what the graph finds, with distances from the rows; how many it found. */
  search(
    query: ScanQuery,
    k: number,
    efRuntime: number,
    filter: Uint32Array | null,
    top: TopList,
  ): number {
    const wanted = Math.min(k, this.liveCount);
    if (wanted === 0) return 0;
    this.#graph.setEf(Math.max(efRuntime, wanted));
    const point = this.#queryPoint(query);
    const found =
      filter === null
        ? this.#graph.searchKnn(point, wanted)
        : this.#graph.searchKnn(point, wanted, (label) => this.#passes(label, filter));
    for (const label of found.neighbors) offerSlot(this.#blocks, query, this.slots[label], top);
    return found.neighbors.length;
  }

  /** Gives the library's memory back at once; a collector would not know how much it is. */
  free(): void {
    this.#graph.initIndex(1);
  }

  #passes(label: number, filter: Uint32Array): boolean {
    const slot = this.slots[label];
    const ids = this.#blocks.ids[slot >>> this.#blocks.rowShift];
    return hasBit(filter, ids[slot & this.#blocks.rowMask]);
  }

  #fillPoint(slot: number): void {
    const { dimensions, rowShift, rowMask } = this.#blocks;
    const values = this.#blocks.values[slot >>> rowShift];
    const row = slot & rowMask;
    const offset = row * dimensions;
    const isCosine = this.#parameters.metric === "COSINE";
    const scale = isCosine ? this.#blocks.inverseNorms[slot >>> rowShift][row] : 1;
    for (let index = 0; index < dimensions; index += 1) {
      this.#point[index] = toFloat32Range(values[offset + index] * scale);
    }
  }

  #queryPoint(query: ScanQuery): number[] {
    const { values, metric } = query;
    const scale = metric === "COSINE" ? inverseNorm(values, 0, values.length) : 1;
    for (let index = 0; index < values.length; index += 1) {
      this.#point[index] = toFloat32Range(values[index] * scale);
    }
    return this.#point;
  }

  #growNodes(): void {
    this.#capacity = Math.ceil(this.#capacity * 1.5);
    this.#graph.resizeIndex(this.#capacity);
    this.slots = grown(this.slots, this.#capacity);
  }

  #growSlots(count: number): void {
    this.#labels = grown(this.#labels, Math.max(count, Math.ceil(this.#labels.length * 1.5)));
  }
}

function grown(values: Int32Array, count: number): Int32Array {
  const larger = new Int32Array(count).fill(-1, values.length);
  larger.set(values);
  return larger;
}

/** Infinity would poison the graph's order; only FLOAT64 can hold such values. */
function toFloat32Range(value: number): number {
  return Math.min(FLOAT32_MAX, Math.max(-FLOAT32_MAX, value));
}
