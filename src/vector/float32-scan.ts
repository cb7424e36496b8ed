/**
 * A first look at many float32 rows: sums in float32 with SIMD, several times quicker than the
 * loops of `distance-kernels.ts`, and with a bound on how far off they can be. A row that cannot be
 * among the nearest by that bound is done with; all others get their distance in double precision.
 * So answers are the same, to the bit, with and without this.
 *
 * Where WebAssembly lacks what it takes (SIMD, several memories), there is none and all rows take
 * the longer way.
 */
import { must } from "../base/assert.ts";
import { scanModuleBytes } from "./wasm-module.ts";

/** Rows that one call looks at. */
export const BATCH_ROWS = 512;

const PAGE_BYTES = 65_536;
const RESULTS_AT = BATCH_ROWS * 4;
const QUERY_AT = RESULTS_AT + BATCH_ROWS * 4;

export type RowSums = (
  query: number,
  list: number,
  results: number,
  count: number,
  bytes: number,
) => void;

export interface BlockSums {
  readonly dots: RowSums;
  readonly squares: RowSums;
}

export class Float32Scan {
  /** Byte addresses of rows in their block; the caller fills it. */
  readonly addresses: Uint32Array;
  readonly sums: Float32Array;
  readonly #module: WebAssembly.Module;
  readonly #own: WebAssembly.Memory;
  readonly #query: Float32Array;
  readonly #dimensions: number;

  private constructor(module: WebAssembly.Module, dimensions: number) {
    const pages = Math.ceil((QUERY_AT + dimensions * 4) / PAGE_BYTES);
    this.#module = module;
    this.#own = new WebAssembly.Memory({ initial: pages });
    this.#dimensions = dimensions;
    this.addresses = new Uint32Array(this.#own.buffer, 0, BATCH_ROWS);
    this.sums = new Float32Array(this.#own.buffer, RESULTS_AT, BATCH_ROWS);
    this.#query = new Float32Array(this.#own.buffer, QUERY_AT, dimensions);
  }

  static create(dimensions: number): Float32Scan | null {
    const bytes = scanModuleBytes();
    if (!WebAssembly.validate(bytes)) return null;
    return new Float32Scan(new WebAssembly.Module(bytes), dimensions);
  }

  attach(rows: WebAssembly.Memory): BlockSums {
    const instance = new WebAssembly.Instance(this.#module, { memory: { rows, own: this.#own } });
    const dots = must(instance.exports["dots"], "the module exports dots");
    const squares = must(instance.exports["squares"], "the module exports squares");
    return { dots: dots as RowSums, squares: squares as RowSums };
  }

  setQuery(values: Float64Array): void {
    this.#query.set(values);
  }

  run(sums: RowSums, count: number): void {
    sums(QUERY_AT, 0, RESULTS_AT, count, this.#dimensions * 4);
  }
}

/**
 * How much a sum of products in float32 can be off, as a share of the sum of their magnitudes:
 * a lane adds a sixteenth of them, and the lanes are added up; doubled for comfort.
 */
export function sumErrorShare(dimensions: number): number {
  return (dimensions / 16 + 8) * 2 ** -23;
}
