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
