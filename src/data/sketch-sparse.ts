/**
 * The registers of a sparse sketch, as runs of equal values. A register is raised by splitting the
 * run that it is in; runs of equal values beside it are joined again as far as the next five ops,
 * and no further: which ops stand there is part of what other programs expect.
 */
import { REGISTER_COUNT } from "./element-hash.ts";
import {
  HEADER_BYTES,
  isLongZerosOp,
  isValueOp,
  SPARSE_RUN_MAX,
  SPARSE_VALUE_MAX,
  spanAt,
  valueOfOp,
  valueOp,
  writeZeros,
} from "./sketch-format.ts";

/** `bytes` has room for three more than `length`, and a zero behind it. */
export interface SparseBytes {
  readonly bytes: Buffer;
  length: number;
}

/** Full: it must become dense first. */
export type Raise = "same" | "raised" | "full" | "broken";

const JOINED_OPS_MAX = 5;
/** What one op is split into: at most zeros, a value and zeros. */
const split = new Uint8Array(5);

export function raiseSparse(
  sketch: SparseBytes,
  register: number,
  run: number,
  bytesMax: number,
): Raise {
  if (run > SPARSE_VALUE_MAX) return "full";
  const { bytes } = sketch;
  let at = HEADER_BYTES;
  let before = HEADER_BYTES;
  let first = 0;
  let span = 0;
  while (at < sketch.length) {
    span = spanAt(bytes, at);
    if (register < first + span) break;
    before = at;
    at += isLongZerosOp(bytes[at]) ? 2 : 1;
    first += span;
  }
  if (span === 0 || at >= sketch.length) return "broken";
  const op = bytes[at];
  if (isValueOp(op) && valueOfOp(op) >= run) return "same";
  if (span === 1 && !isLongZerosOp(op)) bytes[at] = valueOp(run, 1);
  else {
    const opBytes = isLongZerosOp(op) ? 2 : 1;
    const splitBytes = splitOp(op, register - first, first + span - 1 - register, run);
    const more = splitBytes - opBytes;
    if (more > 0 && sketch.length + more > bytesMax) return "full";
    bytes.copyWithin(at + splitBytes, at + opBytes, sketch.length);
    for (let index = 0; index < splitBytes; index += 1) bytes[at + index] = split[index];
    sketch.length += more;
  }
  joinRuns(sketch, before);
  bytes[sketch.length] = 0;
  return "raised";
}

/** Into `split`: what the op stands for with one register changed; how many bytes. */
function splitOp(op: number, leftCount: number, rightCount: number, run: number): number {
  let length = 0;
  if (leftCount > 0) length += writeSame(op, length, leftCount);
  split[length] = valueOp(run, 1);
  length += 1;
  if (rightCount > 0) length += writeSame(op, length, rightCount);
  return length;
}

function writeSame(op: number, at: number, count: number): number {
  if (!isValueOp(op)) return writeZeros(split, at, count);
  split[at] = valueOp(valueOfOp(op), count);
  return 1;
}

function joinRuns(sketch: SparseBytes, from: number): void {
  const { bytes } = sketch;
  let at = from;
  for (let left = JOINED_OPS_MAX; left > 0 && at < sketch.length; left -= 1) {
    const op = bytes[at];
    if (!isValueOp(op)) {
      at += isLongZerosOp(op) ? 2 : 1;
      continue;
    }
    const next = at + 1 < sketch.length ? bytes[at + 1] : 0;
    const count = spanAt(bytes, at) + (next & 0x3) + 1;
    if (isValueOp(next) && valueOfOp(next) === valueOfOp(op) && count <= SPARSE_RUN_MAX) {
      bytes[at + 1] = valueOp(valueOfOp(op), count);
      bytes.copyWithin(at, at + 1, sketch.length);
      sketch.length -= 1;
    } else at += 1;
  }
}

/**
 * Visits the runs of values that are not zero, up to the first that would be one too many. If what
 * was read makes up all registers, the place behind it, else -1.
 */
export function forEachRun(
  bytes: Uint8Array,
  length: number,
  visit: (first: number, count: number, value: number) => void,
): number {
  let register = 0;
  let at = HEADER_BYTES;
  while (at < length) {
    const op = bytes[at];
    const span = spanAt(bytes, at);
    if (isValueOp(op)) {
      if (register + span > REGISTER_COUNT) break;
      visit(register, span, valueOfOp(op));
    }
    register += span;
    at += isLongZerosOp(op) ? 2 : 1;
  }
  return register === REGISTER_COUNT ? at : -1;
}

/** The ops in a readable form: `z` and `Z` zeros, `v` a value and how often. */
export function sparseText(bytes: Uint8Array): string {
  const words: string[] = [];
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    const op = bytes[at];
    const span = spanAt(bytes, at);
    if (isValueOp(op)) words.push(`v:${valueOfOp(op)},${span}`);
    else words.push(`${isLongZerosOp(op) ? "Z" : "z"}:${span}`);
    at += isLongZerosOp(op) ? 2 : 1;
  }
  return words.join(" ");
}
