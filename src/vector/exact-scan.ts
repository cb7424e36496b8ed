/**
 * The exact scan: every candidate row against the query, on a search thread.
 * Candidates are a bitmap of slots, narrowed by a bitmap of document ids, or a list of slots.
 */
import { distance } from "./distance-kernels.ts";
import type { RowBlocks } from "./row-blocks.ts";
import type { TopList } from "./top-list.ts";
import type { DistanceMetric } from "./vector-index.ts";
import type { ScanSource } from "./vector-protocol.ts";

export interface ScanQuery {
  readonly metric: DistanceMetric;
  readonly values: Float64Array;
  readonly inverseNorm: number;
}

/** Rows between two looks at the clock. */
const ROWS_BETWEEN_CHECKS = 1024;

/** False when `isOver` said so before the end. */
export function scanRows(
  blocks: RowBlocks,
  query: ScanQuery,
  source: ScanSource,
  filter: Uint32Array | null,
  top: TopList,
  isOver: () => boolean,
): boolean {
  if (source.kind === "slots") return scanSlots(blocks, query, source.slots, top, isOver);
  const { words } = source;
  const wordShift = blocks.rowShift - 5;
  let checkIn = ROWS_BETWEEN_CHECKS;
  for (let word = source.from; word < source.to; word += 1) {
    let bits = words[word];
    if (bits === 0) continue;
    const block = word >>> wordShift;
    const values = blocks.values[block];
    const norms = blocks.inverseNorms[block];
    const ids = blocks.ids[block];
    const firstRow = (word << 5) & blocks.rowMask;
    while (bits !== 0) {
      const row = firstRow + 31 - Math.clz32(bits & -bits);
      bits &= bits - 1;
      const id = ids[row];
      if (filter !== null && !hasBit(filter, id)) continue;
      const found = distance(
        query.metric,
        values,
        row * blocks.dimensions,
        query.values,
        norms[row] * query.inverseNorm,
      );
      if (found <= top.farthest) top.offer(found, id);
      checkIn -= 1;
    }
    if (checkIn <= 0) {
      if (isOver()) return false;
      checkIn = ROWS_BETWEEN_CHECKS;
    }
  }
  return true;
}

function scanSlots(
  blocks: RowBlocks,
  query: ScanQuery,
  slots: Uint32Array,
  top: TopList,
  isOver: () => boolean,
): boolean {
  for (let index = 0; index < slots.length; index += 1) {
    offerSlot(blocks, query, slots[index], top);
    if ((index + 1) % ROWS_BETWEEN_CHECKS === 0 && isOver()) return false;
  }
  return true;
}

export function offerSlot(blocks: RowBlocks, query: ScanQuery, slot: number, top: TopList): void {
  const block = slot >>> blocks.rowShift;
  const row = slot & blocks.rowMask;
  const found = distance(
    query.metric,
    blocks.values[block],
    row * blocks.dimensions,
    query.values,
    blocks.inverseNorms[block][row] * query.inverseNorm,
  );
  if (found <= top.farthest) top.offer(found, blocks.ids[block][row]);
}

export function hasBit(words: Uint32Array, id: number): boolean {
  const word = id >>> 5;
  return word < words.length && ((words[word] >>> (id & 31)) & 1) === 1;
}
