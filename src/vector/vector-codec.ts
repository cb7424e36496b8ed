/**
 * Vectors as clients send them: little-endian values without a head, at any alignment.
 *
 * Whatever enters an index or a query passes `vectorProblem` first: the size must be the index's,
 * and no value NaN or infinite, because one such vector would make distances, and so the order of
 * answers, undefined. Integer types hold any bytes. FLOAT16 is IEEE's binary16, BFLOAT16 the upper
 * half of a float32 (encoded by rounding to nearest, ties to even).
 */
import { unreachable } from "../base/assert.ts";
import type { VectorType } from "./vector-index.ts";

export type VectorProblem =
  | { readonly kind: "size"; readonly expectedBytes: number; readonly actualBytes: number }
  | { readonly kind: "not-finite"; readonly dimension: number; readonly value: number };

const typeBytes: Readonly<Record<VectorType, number>> = {
  FLOAT32: 4,
  FLOAT64: 8,
  FLOAT16: 2,
  BFLOAT16: 2,
  INT8: 1,
  UINT8: 1,
};

export function bytesPerValue(type: VectorType): number {
  return typeBytes[type];
}

export function vectorBytes(type: VectorType, dimensions: number): number {
  return typeBytes[type] * dimensions;
}

/** What is wrong with the blob, or undefined. */
export function vectorProblem(
  type: VectorType,
  dimensions: number,
  blob: Buffer,
): VectorProblem | undefined {
  const expectedBytes = vectorBytes(type, dimensions);
  if (blob.length !== expectedBytes) {
    return { kind: "size", expectedBytes, actualBytes: blob.length };
  }
  const dimension = firstNotFinite(type, blob);
  if (dimension < 0) return undefined;
  return { kind: "not-finite", dimension, value: decodeVector(type, blob)[dimension] };
}

/** The values, in double precision: exact for every type. */
export function decodeVector(type: VectorType, blob: Buffer): Float64Array<ArrayBuffer> {
  const values = new Float64Array(blob.length / typeBytes[type]);
  decodeInto(type, blob, values, 0);
  return values;
}

/** Writes the values at `offset` of any array of numbers; integers and floats widen exactly. */
function decodeInto(
  type: VectorType,
  blob: Buffer,
  into: Float64Array | Float32Array | Int8Array | Uint8Array,
  offset: number,
): void {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.length);
  const size = typeBytes[type];
  const count = blob.length / size;
  for (let index = 0; index < count; index += 1) {
    into[offset + index] = readValue(type, view, index * size);
  }
}

/** The values as a blob; floats round to nearest, integers must fit. */
export function encodeVector(type: VectorType, values: ArrayLike<number>): Buffer {
  const size = typeBytes[type];
  const blob = Buffer.alloc(values.length * size);
  const view = new DataView(blob.buffer, blob.byteOffset, blob.length);
  for (let index = 0; index < values.length; index += 1) {
    writeValue(type, view, index * size, values[index]);
  }
  return blob;
}

function readValue(type: VectorType, view: DataView, at: number): number {
  switch (type) {
    case "FLOAT32":
      return view.getFloat32(at, true);
    case "FLOAT64":
      return view.getFloat64(at, true);
    case "FLOAT16":
      return halfToNumber(view.getUint16(at, true));
    case "BFLOAT16":
      return bfloatToNumber(view.getUint16(at, true));
    case "INT8":
      return view.getInt8(at);
    case "UINT8":
      return view.getUint8(at);
    default:
      return unreachable(type);
  }
}

function writeValue(type: VectorType, view: DataView, at: number, value: number): void {
  switch (type) {
    case "FLOAT32":
      view.setFloat32(at, value, true);
      return;
    case "FLOAT64":
      view.setFloat64(at, value, true);
      return;
    case "FLOAT16":
      view.setUint16(at, numberToHalf(value), true);
      return;
    case "BFLOAT16":
      view.setUint16(at, numberToBfloat(value), true);
      return;
    case "INT8":
      view.setInt8(at, value);
      return;
    case "UINT8":
      view.setUint8(at, value);
      return;
    default:
      unreachable(type);
  }
}

/** All ones in the exponent mean NaN or infinity, so looking at the upper bytes is enough. */
function firstNotFinite(type: VectorType, blob: Buffer): number {
  switch (type) {
    case "FLOAT32":
      return firstFullExponent(blob, 4, 0x7f, 0x80);
    case "FLOAT64":
      return firstFullExponent(blob, 8, 0x7f, 0xf0);
    case "FLOAT16":
      return firstFullExponent(blob, 2, 0x7c, 0);
    case "BFLOAT16":
      return firstFullExponent(blob, 2, 0x7f, 0x80);
    case "INT8":
    case "UINT8":
      return -1;
    default:
      return unreachable(type);
  }
}

function firstFullExponent(blob: Buffer, size: number, topMask: number, nextMask: number): number {
  for (let top = size - 1; top < blob.length; top += size) {
    if ((blob[top] & topMask) === topMask && (blob[top - 1] & nextMask) === nextMask) {
      return (top + 1) / size - 1;
    }
  }
  return -1;
}

const scratch = new DataView(new ArrayBuffer(8));

function bfloatToNumber(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}

function numberToBfloat(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  if (Number.isNaN(value)) return (bits >>> 16) | 0x40;
  const isOdd = (bits >>> 16) & 1;
  return (bits + 0x7fff + isOdd) >>> 16;
}

function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function numberToHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  // 65,520 is half way between the largest binary16 and what would come next.
  if (magnitude >= 65_520) return sign | 0x7c00;
  if (magnitude < 2 ** -14) return sign | roundToEven(magnitude * 2 ** 24);
  const exponent = Math.floor(Math.log2(magnitude));
  const scaled = magnitude / 2 ** exponent;
  // log2 may be off by one next to a power of two.
  const power = scaled >= 2 ? exponent + 1 : scaled < 1 ? exponent - 1 : exponent;
  const fraction = roundToEven((magnitude / 2 ** power) * 1024);
  // A fraction that rounds up to 2,048 carries into the exponent by plain addition.
  return sign | (((power + 15) << 10) + (fraction - 1024));
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest > 0.5 || (rest === 0.5 && floor % 2 === 1)) return floor + 1;
  return floor;
}
