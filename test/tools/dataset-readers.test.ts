/**
 * Dataset files in and out: .npy, folders, JSON lines, HDF5; and what is refused, with its place.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { File as H5File, ready } from "h5wasm/node";
import { afterAll, describe, expect, test } from "vitest";
import { openDataset } from "../../bench/dataset/dataset.ts";
import { exactNeighbors, recallOf } from "../../bench/dataset/ground-truth.ts";
import { readJsonLines, writeJsonLines } from "../../bench/dataset/json-lines.ts";
import { NpyReader, NpyWriter, writeNpy } from "../../bench/dataset/npy.ts";

const folder = mkdtempSync(join(tmpdir(), "lodestone-dataset-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

describe(".npy", () => {
  test("rows are read in any slice of what was appended in pieces", () => {
    const values = Float32Array.from({ length: 30 }, (_, index) => index / 4);
    const writer = new NpyWriter(at("rows.npy"), "float32", 3);
    writer.append(values.slice(0, 12));
    writer.append(values.slice(12));
    writer.close();
    const reader = new NpyReader(at("rows.npy"));
    expect([reader.type, reader.rowCount, reader.columnCount]).toEqual(["float32", 10, 3]);
    expect(reader.readFloats(0, 10)).toEqual(values);
    expect(reader.readFloats(9, 5)).toEqual(values.slice(27));
    expect(reader.readFloats(10, 5).length).toBe(0);
    expect(() => reader.readIntegers(0, 1)).toThrow("float32, expected int32");
    reader.close();
  });

  test("format 2.0, one dimension, and a header of another spacing are read", () => {
    const text = `{"x": 1, 'descr': '<i4','fortran_order':False,'shape':(3,)}\n`;
    const head = Buffer.from("\x93NUMPY\x02\x00\0\0\0\0", "latin1");
    head.writeUInt32LE(text.length, 8);
    const data = Buffer.from(Int32Array.of(7, -8, 9).buffer);
    writeFileSync(at("two.npy"), Buffer.concat([head, Buffer.from(text), data]));
    const reader = new NpyReader(at("two.npy"));
    expect(reader.columnCount).toBe(1);
    expect([...reader.readIntegers(0, 3)]).toEqual([7, -8, 9]);
    reader.close();
  });

  test("what cannot be read is refused with the file's name and the reason", () => {
    writeFileSync(at("other.npy"), "PK\x03\x04 something else");
    expect(() => new NpyReader(at("other.npy"))).toThrow(/other\.npy: not an \.npy file/);
    writeNpy(at("whole.npy"), Float32Array.of(1, 2, 3, 4), 2);
    const bytes = Buffer.from(new Uint8Array(144).fill(32));
    new NpyReader(at("whole.npy")).close();
    bytes.write(
      "\x93NUMPY\x01\x00\x76\x00{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2)}",
      "latin1",
    );
    writeFileSync(at("doubles.npy"), bytes);
    expect(() => new NpyReader(at("doubles.npy"))).toThrow("'<f8' are not read");
    bytes.write("'<f4'", 18 + 3);
    writeFileSync(at("short.npy"), bytes.subarray(0, 140));
    expect(() => new NpyReader(at("short.npy"))).toThrow(/cut short|not read/);
    const writer = new NpyWriter(at("ragged.npy"), "float32", 3);
    expect(() => writer.append(Float32Array.of(1, 2))).toThrow("not whole rows");
    writer.close();
  });
});

describe("JSON lines", () => {
  test("records survive, blank lines are skipped, a limit stops early", () => {
    const records = [{ id: "a", text: "ü\n" }, { id: "b", year: 2001 }, { id: "c" }];
    writeJsonLines(at("lines.jsonl"), records);
    expect([...readJsonLines(at("lines.jsonl"))]).toEqual(records);
    expect([...readJsonLines(at("lines.jsonl"), 2)]).toEqual(records.slice(0, 2));
    writeFileSync(at("blank.jsonl"), '\n{"a":1}\n\n{"a":2}');
    expect([...readJsonLines(at("blank.jsonl"))]).toEqual([{ a: 1 }, { a: 2 }]);
  });

  test("a bad line is named", () => {
    writeFileSync(at("bad.jsonl"), '{"a":1}\n[1]\n');
    expect(() => [...readJsonLines(at("bad.jsonl"))]).toThrow("bad.jsonl, line 2: not an object");
  });
});

describe("a dataset", () => {
  const vectors = Float32Array.of(1, 0, 0, 1, 1, 1, -1, 0);
  const queries = Float32Array.of(1, 0.1);

  test("a folder gives vectors, queries, neighbors and attributes", async () => {
    writeNpy(at("vectors.npy"), vectors, 2);
    writeNpy(at("queries.npy"), queries, 2);
    const truth = exactNeighbors({
      metric: "COSINE",
      dimensions: 2,
      vectors,
      query: queries,
      k: 4,
    });
    expect([...truth.rows]).toEqual([0, 2, 1, 3]);
    writeNpy(at("neighbors.npy"), truth.rows, 4);
    writeNpy(at("distances.npy"), Float32Array.from(truth.distances), 4);
    writeJsonLines(at("passages.jsonl"), [{ n: 0 }, { n: 1 }, { n: 2 }, { n: 3 }]);
    const dataset = await openDataset(folder);
    expect([dataset.vectorCount, dataset.queryCount, dataset.dimensions]).toEqual([4, 1, 2]);
    expect(dataset.vectors(1, 2)).toEqual(vectors.slice(2, 6));
    expect(dataset.neighbors?.rows).toEqual(truth.rows);
    expect([...dataset.passages()].length).toBe(4);
    dataset.close();
    const part = await openDataset(folder, { limit: 2 });
    expect(part.vectorCount).toBe(2);
    expect(part.neighbors).toBeUndefined();
    expect([...part.passages()]).toEqual([{ n: 0 }, { n: 1 }]);
    part.close();
  });

  test("an ann-benchmarks file gives the same, and its metric", async () => {
    await ready;
    const file = new H5File(at("tiny.hdf5"), "w");
    file.create_dataset({ name: "train", data: vectors, shape: [4, 2] });
    file.create_dataset({ name: "test", data: queries, shape: [1, 2] });
    file.create_dataset({ name: "neighbors", data: Int32Array.of(0, 2), shape: [1, 2] });
    file.create_dataset({ name: "distances", data: Float32Array.of(0, 1), shape: [1, 2] });
    file.create_attribute("distance", "angular");
    file.close();
    const dataset = await openDataset(at("tiny.hdf5"));
    expect([dataset.name, dataset.metric]).toEqual(["tiny", "COSINE"]);
    expect(dataset.vectors(2, 9)).toEqual(vectors.slice(4));
    expect(dataset.queries(0, 1)).toEqual(queries);
    expect([...(dataset.neighbors?.rows ?? [])]).toEqual([0, 2]);
    dataset.close();
  });

  test("what is not one is refused", async () => {
    await expect(openDataset(at("nowhere"))).rejects.toThrow("no such dataset");
    await expect(openDataset(at("lines.jsonl"))).rejects.toThrow("neither a dataset folder");
  });
});

test("recall counts what was found of the k nearest", () => {
  expect(recallOf([1, 2, 3, 4], [1, 2, 9, 4], 3)).toBeCloseTo(2 / 3);
  expect(recallOf([], [], 10)).toBe(1);
});
