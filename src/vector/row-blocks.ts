/**
 * Rows in shared memory, as every thread sees them: blocks of 2^n rows, each row with its vector's
 * values, its inverse length (for COSINE) and the id of its document.
 *
 * A row is addressed by its slot. The event loop alone writes, and only to slots that no thread
 * reads: `row-store.ts` says why that holds. Types of 16 bits are widened to float32, exactly.
 */
import { unreachable } from "../base/assert.ts";
import { BLOCK_BYTES } from "./block-pool.ts";
import type { RowValues } from "./distance-kernels.ts";
import type { VectorParameters, VectorType } from "./vector-index.ts";

/** A block holds whole words of a bitmap over slots. */
const BLOCK_ROWS_MIN = 32;
const BLOCK_ROWS_MAX = 65_536;
/** The inverse length and the id. */
const ROW_EXTRA_BYTES = 12;

export class RowBlocks {
  readonly dimensions: number;
  readonly rowShift: number;
  readonly rowMask: number;
  readonly values: RowValues[];
  readonly inverseNorms: Float64Array<SharedArrayBuffer>[];
  readonly ids: Uint32Array<SharedArrayBuffer>[];
  readonly #type: VectorType;
  readonly #valuesBytes: number;

  constructor(parameters: VectorParameters) {
    const rowBytes = parameters.dimensions * rowValueBytes(parameters.type);
    let rowShift = Math.log2(BLOCK_ROWS_MIN);
    while (
      2 ** (rowShift + 1) <= BLOCK_ROWS_MAX &&
      2 ** (rowShift + 1) * (rowBytes + ROW_EXTRA_BYTES) <= BLOCK_BYTES
    ) {
      rowShift += 1;
    }
    const rowCount = 2 ** rowShift;
    this.dimensions = parameters.dimensions;
    this.rowShift = rowShift;
    this.rowMask = rowCount - 1;
    this.#type = parameters.type;
    this.#valuesBytes = rowBytes * rowCount;
    this.values = [];
    this.inverseNorms = [];
    this.ids = [];
  }

  get capacity(): number {
    return this.values.length << this.rowShift;
  }

  /** Of the first `rowCount` rows. */
  usedBytes(rowCount: number): number {
    return (this.#valuesBytes / (this.rowMask + 1) + ROW_EXTRA_BYTES) * rowCount;
  }

  append(memory: WebAssembly.Memory): void {
    const block = memory.buffer;
    if (!(block instanceof SharedArrayBuffer)) throw new Error("blocks are shared memory");
    const rowCount = this.rowMask + 1;
    const valueCount = rowCount * this.dimensions;
    this.values.push(rowValues(this.#type, block, valueCount));
    this.inverseNorms.push(new Float64Array(block, this.#valuesBytes, rowCount));
    this.ids.push(new Uint32Array(block, this.#valuesBytes + rowCount * 8, rowCount));
  }
}

/** A row holds the client's bytes as they are where its type is one that loops can read. */
export function isStoredAsGiven(type: VectorType): boolean {
  return type !== "FLOAT16" && type !== "BFLOAT16";
}

export function hasFloat32Rows(type: VectorType): boolean {
  return type === "FLOAT32" || type === "FLOAT16" || type === "BFLOAT16";
}

function rowValueBytes(type: VectorType): number {
  switch (type) {
    case "FLOAT64":
      return 8;
    case "FLOAT32":
    case "FLOAT16":
    case "BFLOAT16":
      return 4;
    case "INT8":
    case "UINT8":
      return 1;
    default:
      return unreachable(type);
  }
}

function rowValues(type: VectorType, block: SharedArrayBuffer, count: number): RowValues {
  switch (type) {
    case "FLOAT64":
      return new Float64Array(block, 0, count);
    case "FLOAT32":
    case "FLOAT16":
    case "BFLOAT16":
      return new Float32Array(block, 0, count);
    case "INT8":
      return new Int8Array(block, 0, count);
    case "UINT8":
      return new Uint8Array(block, 0, count);
    default:
      return unreachable(type);
  }
}
