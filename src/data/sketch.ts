/**
 * A HyperLogLog that can be changed, in memory of its own. One is loaded, changed and taken out
 * again by whoever needs it next; what bytes mean is in `sketch-format.ts`.
 */
import { type Bytes, writeBinaryString } from "../base/bytes.ts";
import { REGISTER_COUNT } from "./element-hash.ts";
import { mergeDense, raiseDense, writeDense } from "./sketch-dense.ts";
import {
  DENSE,
  DENSE_BYTES,
  ENCODING_BYTE,
  HEADER_BYTES,
  STALE_BIT,
  STALE_BYTE,
  writeEmptySketch,
} from "./sketch-format.ts";
import { forEachRun, raiseSparse } from "./sketch-sparse.ts";

/** What a splice may add, and the zero that a cut op finds behind the end. */
const SPARE_BYTES = 8;

export class Sketch {
  /** Longer than the sketch. */
  bytes: Buffer;
  length: number;

  constructor() {
    this.bytes = Buffer.alloc(DENSE_BYTES + SPARE_BYTES);
    this.length = 0;
  }

  get isDense(): boolean {
    return this.bytes[ENCODING_BYTE] === DENSE;
  }

  /** Bytes that `isSketch` holds for. */
  load(value: Bytes): void {
    if (value.length + SPARE_BYTES > this.bytes.length) {
      this.bytes = Buffer.alloc(value.length + SPARE_BYTES);
    }
    this.length = value.length;
    if (typeof value === "string") writeBinaryString(this.bytes, value, 0);
    else value.copy(this.bytes);
    this.bytes[this.length] = 0;
  }

  /** The sketch of nothing. */
  clear(): void {
    this.bytes.fill(0, 0, HEADER_BYTES + SPARE_BYTES);
    this.length = writeEmptySketch(this.bytes);
  }

  /**
   * Raises a register to `run` if it is below; true if it was, undefined if the sketch is broken.
   * A sparse one that would outgrow `sparseBytesMax`, or cannot hold the value, becomes dense.
   */
  raise(register: number, run: number, sparseBytesMax: number): boolean | undefined {
    if (this.isDense) return raiseDense(this.bytes, register, run);
    const outcome = raiseSparse(this, register, run, sparseBytesMax);
    if (outcome === "broken") return undefined;
    if (outcome !== "full") return outcome === "raised";
    return this.becomeDense() ? raiseDense(this.bytes, register, run) : undefined;
  }

  /** Raises all registers to these, none of which is below; as `raise`, but none can be broken. */
  raiseAll(registers: Uint8Array, sparseBytesMax: number): void {
    for (let register = 0; register < REGISTER_COUNT && !this.isDense; register += 1) {
      const run = registers[register];
      if (run > 0) this.raise(register, run, sparseBytesMax);
    }
    if (this.isDense) writeDense(this.bytes, registers);
  }

  /** Whether it could; the header stays as it is. */
  becomeDense(): boolean {
    if (this.isDense) return true;
    const dense = Buffer.alloc(Math.max(this.bytes.length, DENSE_BYTES + SPARE_BYTES));
    this.bytes.copy(dense, 0, 0, HEADER_BYTES);
    dense[ENCODING_BYTE] = DENSE;
    const end = forEachRun(this.bytes, this.length, (first, count, value) => {
      for (let index = first; index < first + count; index += 1) raiseDense(dense, index, value);
    });
    if (end === -1) return false;
    this.bytes = dense;
    this.length = DENSE_BYTES;
    return true;
  }

  /** The cardinality that it holds is out of date. */
  becomeStale(): void {
    this.bytes[STALE_BYTE] |= STALE_BIT;
  }
}

/** Each register of `into` becomes the higher of both; false if the sketch is broken. */
export function mergeInto(into: Uint8Array, bytes: Uint8Array): boolean {
  if (bytes[ENCODING_BYTE] === DENSE) {
    mergeDense(into, bytes);
    return true;
  }
  const end = forEachRun(bytes, bytes.length, (first, count, value) => {
    for (let register = first; register < first + count; register += 1) {
      if (value > into[register]) into[register] = value;
    }
  });
  return end !== -1;
}
