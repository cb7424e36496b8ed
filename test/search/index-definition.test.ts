/**
 * Definitions are in logs for ever: what is written is read back the same, what the first version
 * wrote is still read, and broken bytes are noticed.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { decodeSchema, encodeSchema } from "../../src/search/definition.ts";
import * as format from "../../src/search/definition-format.ts";
import type { Schema } from "../../src/search/schema.ts";
import { numeric, schemaOf, tag, text, vector } from "./index-support.ts";

/** One of everything. Never change it: fixtures hold its bytes as each version wrote them. */
const everything: Schema = {
  ...schemaOf(
    [
      tag("color", { separator: "\x00", isCaseSensitive: true, isSuffixTrie: true }),
      tag("", { alias: "empty \xff", isEmptyIndexed: true, isMissingIndexed: true }),
      numeric("price", { isSortable: true, isUnnormalized: true, isNotIndexed: true }),
      text("body", { weight: 2.5, isStemmed: false, isSortable: true }),
      vector("v", 384, { m: 512, efConstruction: 4096, efRuntime: 11, epsilon: 0.25 }),
      vector("w", 32768, {
        algorithm: "FLAT",
        type: "BFLOAT16",
        metric: "COSINE",
        blockSize: 7,
        initialCapacity: 0,
      }),
    ],
    ["a:", "\xfe\x00b"],
  ),
  defaultScore: 0.5,
  stopwords: ["", "und"],
  language: "german",
  options: ["NOHL"],
  createdAtMs: 1_763_000_000_123,
};

function golden(version: number): Buffer {
  const name = `../fixtures/index-definition-version-${version}.hex`;
  const text = readFileSync(fileURLToPath(new URL(name, import.meta.url)), "utf8");
  return Buffer.from(text.replace(/\s/g, ""), "hex");
}

describe("a definition", () => {
  test("is read back as it was written", () => {
    expect(decodeSchema(encodeSchema(everything))).toEqual(everything);
    const small = schemaOf([tag("t")]);
    expect(decodeSchema(encodeSchema(small))).toEqual(small);
  });

  test("has the bytes of the fixture, and is read from those of every version", () => {
    for (const version of [1, 2]) expect(decodeSchema(golden(version))).toEqual(everything);
    expect(encodeSchema(everything).toString("hex")).toBe(golden(2).toString("hex"));
  });

  test("of version 1 has the neighbor codes that there were then", () => {
    const [vectors] = decodeSchema(golden(1)).attributes.filter(({ type }) => type === "VECTOR");
    expect(vectors).toMatchObject({ parameters: { neighborCodeBits: 512 } });
    const without = schemaOf([vector("v", 4, { neighborCodeBits: 0 })]);
    expect(decodeSchema(encodeSchema(without))).toEqual(without);
  });

  test("is refused when it is cut, longer, or of an unknown version", () => {
    const bytes = encodeSchema(everything);
    for (let end = 0; end < bytes.length; end += 1) {
      expect(() => decodeSchema(bytes.subarray(0, end))).toThrow();
    }
    expect(() => decodeSchema(Buffer.concat([bytes, Buffer.from([0])]))).toThrow("left over");
    const unknown = Buffer.from(bytes);
    unknown[0] = 3;
    expect(() => decodeSchema(unknown)).toThrow("unknown version 3");
  });

  test("is refused when it could not have been declared, before an index is made of it", () => {
    const refusal = (parameters: Parameters<typeof vector>[2], dimensions = 4) => {
      const bytes = encodeSchema(schemaOf([vector("v", dimensions, parameters)]));
      return () => decodeSchema(bytes);
    };
    expect(refusal({}, 0)).toThrow('an index definition has 0 as dimensions of the vectors "v"');
    expect(refusal({}, 32_769)).toThrow("32769 as dimensions");
    expect(refusal({ m: 513 })).toThrow("513 as M");
    expect(refusal({ efConstruction: 0 })).toThrow("0 as EF_CONSTRUCTION");
    expect(refusal({ efConstruction: 4097 })).toThrow("4097 as EF_CONSTRUCTION");
    expect(refusal({ efRuntime: 0 })).toThrow("0 as EF_RUNTIME");
    expect(refusal({ initialCapacity: 1_000_000_001 })).toThrow("as initial capacity");
    expect(refusal({ blockSize: 1_000_000_001 })).toThrow("as block size");
    expect(refusal({ neighborCodeBits: 513 })).toThrow("513 as bits of neighbor codes");
    expect(refusal({ epsilon: Number.NaN })).toThrow("NaN as EPSILON");
    const bytes = (schema: Schema) => () => decodeSchema(encodeSchema(schema));
    expect(bytes(schemaOf([tag("t"), numeric("t")]))).toThrow("an attribute that comes twice");
    expect(bytes({ ...everything, defaultScore: Number.NaN })).toThrow("a number that is none");
    const weight = Number.POSITIVE_INFINITY;
    expect(bytes(schemaOf([text("t", { weight })]))).toThrow("a weight that is none");
    const many = Array.from({ length: 1025 }, (_, index) => tag(`t${index}`));
    expect(bytes(schemaOf(many))).toThrow("1025 attributes");
  });

  test("has codes that never move", () => {
    expect(format.attributeTypeCodes.slice(0, 4)).toEqual(["TAG", "NUMERIC", "TEXT", "VECTOR"]);
    expect(format.algorithmCodes.slice(0, 2)).toEqual(["HNSW", "FLAT"]);
    expect(format.metricCodes.slice(0, 3)).toEqual(["L2", "IP", "COSINE"]);
    expect(format.vectorTypeCodes.slice(0, 6)).toEqual([
      "FLOAT32",
      "FLOAT64",
      "FLOAT16",
      "BFLOAT16",
      "INT8",
      "UINT8",
    ]);
  });
});
