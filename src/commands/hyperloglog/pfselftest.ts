/**
 * PFSELFTEST: holds the HyperLogLog to what it promises: registers are apart from each other, both
 * encodings count the same, and the estimate is near. With fewer elements than Redis takes (a
 * hundred thousand instead of ten million), since everybody waits meanwhile.
 */
import { ErrorReply } from "../../base/errors.ts";
import { placeOf, REGISTER_COUNT, registerOf, runOf } from "../../data/element-hash.ts";
import { Sketch } from "../../data/sketch.ts";
import { denseValue, raiseDense } from "../../data/sketch-dense.ts";
import { estimate } from "../../data/sketch-estimate.ts";
import { DENSE_BYTES, VALUE_MAX } from "../../data/sketch-format.ts";
import { OK } from "../../resp/frame.ts";
import type { Command } from "../command.ts";

const ELEMENT_COUNT = 100_000;
const STANDARD_ERROR = 1.04 / Math.sqrt(REGISTER_COUNT);
const ERRORS_ALLOWED = 6;

export const pfselftestCommand: Command = {
  name: "pfselftest",
  group: "hyperloglog",
  summary: "An internal command for testing HyperLogLog values.",
  since: "2.8.9",
  complexity: "N/A",
  arity: 1,
  flags: ["admin"],
  run: (context) => {
    const { hyperLogLogSparseBytes } = context.keyspace.encodingLimits;
    const failure = testRegisters() ?? testEstimates(context.nowMs, hyperLogLogSparseBytes);
    return failure === undefined ? OK : new ErrorReply(`TESTFAILED ${failure}`);
  },
};

/** Each register is written after its neighbors in one order or the other, and read back. */
function testRegisters(): string | undefined {
  for (const step of [1, 7, REGISTER_COUNT - 1]) {
    const bytes = Buffer.alloc(DENSE_BYTES);
    for (let index = 0; index < REGISTER_COUNT; index += 1) {
      const register = (index * step) % REGISTER_COUNT;
      raiseDense(bytes, register, expectedValue(register));
    }
    for (let register = 0; register < REGISTER_COUNT; register += 1) {
      const value = denseValue(bytes, register);
      const expected = expectedValue(register);
      if (value !== expected) return `Register ${register} should be ${expected} but is ${value}`;
    }
  }
  return undefined;
}

function expectedValue(register: number): number {
  return (Math.imul(register, 0x9e3779b1) >>> 16) & VALUE_MAX;
}

function testEstimates(seed: number, sparseBytesMax: number): string | undefined {
  const dense = new Sketch();
  const sparse = new Sketch();
  dense.clear();
  dense.becomeDense();
  sparse.clear();
  for (let count = 1, checkpoint = 1; count <= ELEMENT_COUNT; count += 1) {
    const place = placeOf(`${seed}:${count}`);
    dense.raise(registerOf(place), runOf(place), sparseBytesMax);
    sparse.raise(registerOf(place), runOf(place), sparseBytesMax);
    if (count !== checkpoint) continue;
    checkpoint *= 10;
    if (sparse.isDense && count < sparseBytesMax / 2) return "sparse encoding not used";
    const estimated = Number(estimate(dense.bytes.subarray(0, dense.length)));
    if (estimated !== Number(estimate(sparse.bytes.subarray(0, sparse.length)))) {
      return "dense/sparse disagree";
    }
    const error = Math.abs(count - estimated);
    const allowed = Math.ceil(STANDARD_ERROR * ERRORS_ALLOWED * count);
    if (error > allowed) return `Too big error. card:${count} abserr:${error}`;
  }
  return undefined;
}
