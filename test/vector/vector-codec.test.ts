/** Blobs in and out: sizes, values that are not finite, every bit pattern of the 16-bit types. */
import { describe, expect, test } from "vitest";
import {
  bytesPerValue,
  decodeVector,
  encodeVector,
  vectorBytes,
  vectorProblem,
} from "../../src/vector/vector-codec.ts";
import type { VectorType } from "../../src/vector/vector-index.ts";

const floatTypes: VectorType[] = ["FLOAT32", "FLOAT64", "FLOAT16", "BFLOAT16"];
const allTypes: VectorType[] = [...floatTypes, "INT8", "UINT8"];

describe("vectorProblem", () => {
  test.each(allTypes)("%s: a blob of another size is refused with both sizes", (type) => {
    const expectedBytes = vectorBytes(type, 3);
    for (const actualBytes of [0, expectedBytes - 1, expectedBytes + 1, expectedBytes * 2]) {
      expect(vectorProblem(type, 3, Buffer.alloc(actualBytes))).toEqual({
        kind: "size",
        expectedBytes,
        actualBytes,
      });
    }
    expect(vectorProblem(type, 3, Buffer.alloc(expectedBytes))).toBeUndefined();
  });

  test.each(floatTypes)("%s: NaN and infinity are refused with their place", (type) => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      for (let dimension = 0; dimension < 5; dimension += 1) {
        const values = [1, -2, 0, 0.5, 3];
        values[dimension] = bad;
        expect(vectorProblem(type, 5, encodeVector(type, values))).toEqual({
          kind: "not-finite",
          dimension,
          value: bad,
        });
      }
    }
  });

  test("the largest finite values pass", () => {
    expect(vectorProblem("FLOAT16", 1, encodeVector("FLOAT16", [65_504]))).toBeUndefined();
    const float32 = encodeVector("FLOAT32", [3.4028234663852886e38, -3.4028234663852886e38]);
    expect(vectorProblem("FLOAT32", 2, float32)).toBeUndefined();
    expect(
      vectorProblem("FLOAT64", 1, encodeVector("FLOAT64", [Number.MAX_VALUE])),
    ).toBeUndefined();
  });

  test("integers have no bad bytes", () => {
    expect(vectorProblem("UINT8", 256, Buffer.from([...Array(256).keys()]))).toBeUndefined();
    expect(vectorProblem("INT8", 256, Buffer.from([...Array(256).keys()]))).toBeUndefined();
  });
});

test.each(allTypes)("%s: values survive a round trip at any alignment", (type) => {
  const values = type === "UINT8" ? [0, 1, 127, 128, 255] : [0, 1, -1, 127, -128];
  const blob = encodeVector(type, values);
  expect(blob.length).toBe(bytesPerValue(type) * values.length);
  for (let shift = 0; shift < 9; shift += 1) {
    const shifted = Buffer.alloc(blob.length + shift);
    blob.copy(shifted, shift);
    expect([...decodeVector(type, shifted.subarray(shift))]).toEqual(values);
  }
});

describe("16-bit floats", () => {
  test("every finite binary16 decodes, and encodes to the same bits", () => {
    for (let bits = 0; bits < 65_536; bits += 1) {
      if ((bits & 0x7c00) === 0x7c00) continue;
      const blob = Buffer.alloc(2);
      blob.writeUInt16LE(bits);
      const value = decodeVector("FLOAT16", blob);
      expect(encodeVector("FLOAT16", value).readUInt16LE()).toBe(bits);
    }
  });

  test("known binary16 values", () => {
    const known: [number, number][] = [
      [0x3c00, 1],
      [0xc000, -2],
      [0x7bff, 65_504],
      [0x0400, 2 ** -14],
      [0x0001, 2 ** -24],
      [0x3555, 0.333251953125],
    ];
    for (const [bits, value] of known) {
      expect(encodeVector("FLOAT16", [value]).readUInt16LE()).toBe(bits);
    }
    // Half way between two neighbors goes to the even one; 65,520 is too large.
    expect(encodeVector("FLOAT16", [1 + 2 ** -11]).readUInt16LE()).toBe(0x3c00);
    expect(encodeVector("FLOAT16", [1 + 3 * 2 ** -11]).readUInt16LE()).toBe(0x3c02);
    expect(encodeVector("FLOAT16", [65_520]).readUInt16LE()).toBe(0x7c00);
    expect(encodeVector("FLOAT16", [2 - 2 ** -12]).readUInt16LE()).toBe(0x4000);
  });

  test("bfloat16 is the upper half of a float32, rounded to even", () => {
    const float32 = Buffer.alloc(4);
    for (const value of [1, -3.140625, 1e30, 2 ** -130, 0.1]) {
      float32.writeFloatLE(value);
      const bits = encodeVector("BFLOAT16", [value]).readUInt16LE();
      expect(Math.abs(bits - float32.readUInt16LE(2))).toBeLessThanOrEqual(1);
    }
    expect(encodeVector("BFLOAT16", [1 + 2 ** -8]).readUInt16LE()).toBe(0x3f80);
    expect(encodeVector("BFLOAT16", [1 + 3 * 2 ** -8]).readUInt16LE()).toBe(0x3f82);
  });
});
