/**
 * The exact scan: every candidate row against the query, on a search thread.
 * Candidates are a bitmap of slots, narrowed by a bitmap of document ids, or a list of slots.
 * Float32 rows are looked at in batches by `float32-scan.ts` first, which rules most of them out.
 */
import { distance } from "./distance-kernels.ts";
import { BATCH_ROWS, type BlockSums, Float32Scan, sumErrorShare } from "./float32-scan.ts";
import type { RowBlocks } from "./row-blocks.ts";
import type { TopList } from "./top-list.ts";
import type { DistanceMetric } from "./vector-index.ts";
import type { ScanSource } from "./vector-protocol.ts";

export interface ScanQuery {
  readonly metric: DistanceMetric;
  readonly values: Float64Array;
  readonly inverseNorm: number;
}

export class RowScanner {
  readonly #blocks: RowBlocks;
  readonly #first: Float32Scan | null;
  readonly #blockSums: BlockSums[];
  readonly #errorShare: number;
  /** Rows of one block that wait to be looked at. */
  readonly #rows: Uint32Array;
  #rowCount: number;

  constructor(blocks: RowBlocks, hasFloat32Rows: boolean) {
    this.#blocks = blocks;
    this.#first = hasFloat32Rows ? Float32Scan.create(blocks.dimensions) : null;
    this.#blockSums = [];
    this.#errorShare = sumErrorShare(blocks.dimensions);
    this.#rows = new Uint32Array(BATCH_ROWS);
    this.#rowCount = 0;
  }

  addBlock(memory: WebAssembly.Memory): void {
    this.#blocks.append(memory);
    if (this.#first !== null) this.#blockSums.push(this.#first.attach(memory));
  }

  /** False when `isOver` said so before the end. */
  scan(
    query: ScanQuery,
    source: ScanSource,
    filter: Uint32Array | null,
    top: TopList,
    isOver: () => boolean,
  ): boolean {
    this.#first?.setQuery(query.values);
    this.#rowCount = 0;
    return source.kind === "slots"
      ? this.#scanSlots(query, source.slots, top, isOver)
      : this.#scanWords(query, source, filter, top, isOver);
  }

  #scanWords(
    query: ScanQuery,
    source: ScanSource & { readonly kind: "words" },
    filter: Uint32Array | null,
    top: TopList,
    isOver: () => boolean,
  ): boolean {
    const { rowShift, rowMask } = this.#blocks;
    const blockWords = (rowMask + 1) >>> 5;
    for (let word = source.from; word < source.to; ) {
      const block = word >>> (rowShift - 5);
      const end = Math.min(source.to, (block + 1) * blockWords);
      const ids = this.#blocks.ids[block];
      for (; word < end; word += 1) {
        let bits = source.words[word];
        const firstRow = (word << 5) & rowMask;
        while (bits !== 0) {
          const row = firstRow + 31 - Math.clz32(bits & -bits);
          bits &= bits - 1;
          if (filter !== null && !hasBit(filter, ids[row])) continue;
          this.#rows[this.#rowCount] = row;
          this.#rowCount += 1;
          if (this.#rowCount < BATCH_ROWS) continue;
          this.#lookAt(query, block, top);
          if (isOver()) return false;
        }
      }
      if (this.#rowCount > 0) this.#lookAt(query, block, top);
    }
    return true;
  }

  #scanSlots(query: ScanQuery, slots: Uint32Array, top: TopList, isOver: () => boolean): boolean {
    const { rowShift, rowMask } = this.#blocks;
    let block = 0;
    for (let index = 0; index < slots.length; index += 1) {
      const slot = slots[index];
      const isFull = this.#rowCount === BATCH_ROWS;
      if (isFull || (this.#rowCount > 0 && slot >>> rowShift !== block)) {
        this.#lookAt(query, block, top);
        if (isFull && isOver()) return false;
      }
      block = slot >>> rowShift;
      this.#rows[this.#rowCount] = slot & rowMask;
      this.#rowCount += 1;
    }
    if (this.#rowCount > 0) this.#lookAt(query, block, top);
    return true;
  }

  /** Offers the waiting rows of the block, those that may be near enough. */
  #lookAt(query: ScanQuery, block: number, top: TopList): void {
    const count = this.#rowCount;
    this.#rowCount = 0;
    const first = this.#first;
    if (first === null) {
      for (let at = 0; at < count; at += 1) this.#offer(query, block, this.#rows[at], top);
      return;
    }
    const rowBytes = this.#blocks.dimensions * 4;
    for (let at = 0; at < count; at += 1) first.addresses[at] = this.#rows[at] * rowBytes;
    const { dots, squares } = this.#blockSums[block];
    const isSquares = query.metric === "L2";
    first.run(isSquares ? squares : dots, count);
    const norms = this.#blocks.inverseNorms[block];
    for (let at = 0; at < count; at += 1) {
      const row = this.#rows[at];
      const sum = first.sums[at];
      const least = isSquares
        ? sum * (1 - this.#errorShare)
        : this.#leastFromDot(query, sum, norms[row] * query.inverseNorm);
      // NaN and Infinity are sums that float32 could not hold.
      if (least > top.farthest && least !== Number.POSITIVE_INFINITY) continue;
      this.#offer(query, block, row, top);
    }
  }

  #leastFromDot(query: ScanQuery, dot: number, inverseNorms: number): number {
    if (query.metric === "COSINE") return 1 - dot * inverseNorms - this.#errorShare;
    return 1 - dot - this.#errorShare * (1 / inverseNorms + 1);
  }

  #offer(query: ScanQuery, block: number, row: number, top: TopList): void {
    const found = distance(
      query.metric,
      this.#blocks.values[block],
      row * this.#blocks.dimensions,
      query.values,
      this.#blocks.inverseNorms[block][row] * query.inverseNorm,
    );
    if (found <= top.farthest) top.offer(found, this.#blocks.ids[block][row]);
  }
}

function hasBit(words: Uint32Array, id: number): boolean {
  const word = id >>> 5;
  return word < words.length && ((words[word] >>> (id & 31)) & 1) === 1;
}
