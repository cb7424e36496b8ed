/**
 * The addon's boundary: whatever is wrong with an argument is a TypeError, whatever is wrong with
 * words that cross is refused as a whole, memory that is not there is an error, and a process that
 * ends in the middle of everything ends with its own exit code.
 */
import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { type KernelEngine, kernelFigureCount, loadKernel } from "../../src/vector/kernel-addon.ts";

const FLOAT32 = 0;
const L2 = 0;
const NO_FILTER = 0xffffffff;
const HEAD_WORDS = 10;
const VECTOR = new Uint8Array(16);
const addonFile = new URL("../../src/vector/kernel-addon.ts", import.meta.url).href;

const engine = loadKernel().createEngine(1, () => undefined);
const index = engine.createIndex(FLOAT32, L2, 4, 16, 200, 512);
afterAll(() => engine.close());

function searchWords(changes: Record<number, number> = {}): Uint32Array {
  const words = new Uint32Array(HEAD_WORDS + 4);
  words.set([words.length, index, 7, 0, 3, 10, 0, 0, 16, NO_FILTER]);
  for (const [at, word] of Object.entries(changes)) words[Number(at)] = word;
  return words;
}

/** Calls with what no caller of ours would pass. */
function call(name: keyof KernelEngine, ...given: readonly unknown[]): unknown {
  return Reflect.apply(engine[name], engine, given);
}

const detached = new Uint8Array(16);
structuredClone(detached.buffer, { transfer: [detached.buffer] });

describe("arguments", () => {
  const wrong: [keyof KernelEngine, readonly unknown[]][] = [
    ["createIndex", [6, L2, 4, 16, 200]],
    ["createIndex", [FLOAT32, 3, 4, 16, 200]],
    ["createIndex", [FLOAT32, L2, 0, 16, 200]],
    ["createIndex", [FLOAT32, L2, 32_769, 16, 200]],
    ["createIndex", [FLOAT32, L2, 4, 1, 200]],
    ["createIndex", [FLOAT32, L2, 4, 513, 200]],
    ["createIndex", [FLOAT32, L2, 4, 16, 0]],
    ["createIndex", [FLOAT32, L2, 4, 16, 4_097]],
    ["createIndex", [FLOAT32, L2, 4, 16]],
    ["createFlatIndex", [6, L2, 4]],
    ["createFlatIndex", [FLOAT32, 3, 4]],
    ["createFlatIndex", [FLOAT32, L2, 32_769]],
    ["createFlatIndex", [FLOAT32, L2]],
    ["add", [index]],
    ["add", [index + 1, 0, VECTOR]],
    ["add", [index, -1, VECTOR]],
    ["add", [index, 0.5, VECTOR]],
    ["add", [index, Number.NaN, VECTOR]],
    ["add", [index, 2 ** 32, VECTOR]],
    ["add", [index, "0", VECTOR]],
    ["add", [index, 0, VECTOR.subarray(1)]],
    ["add", [index, 0, new Float32Array(4)]],
    ["add", [index, 0, detached]],
    ["add", [index, 0, {}]],
    ["remove", [index]],
    ["remove", ["no", 0]],
    ["build", [2 ** 31]],
    ["seal", []],
    ["watch", [index, -5]],
    ["checksum", [index]],
    ["progress", [index, new Float64Array(kernelFigureCount - 1)]],
    ["progress", [index, new Float32Array(64)]],
    ["keepFilter", [new Uint8Array(64)]],
    ["dropFilter", [-1]],
    ["submit", [new Uint8Array(64), 1]],
    ["submit", [new Uint32Array(4), 5]],
    ["takeAnswers", [null]],
  ];
  test.each(wrong)("%s refuses %j", (name, given) => {
    expect(() => call(name, ...given)).toThrow(TypeError);
  });

  test("an engine has at least one thread, and someone to tell", () => {
    const { createEngine } = loadKernel();
    for (const given of [[0, () => undefined], [2_000, () => undefined], [1], [1, {}]]) {
      expect(() => Reflect.apply(createEngine, undefined, given)).toThrow(TypeError);
    }
  });
});

describe("words that cross", () => {
  test.each([
    ["a head that is cut off", { 0: HEAD_WORDS - 1 }],
    ["more than there is", { 0: 1_000 }],
    ["nothing", { 0: 0 }],
    ["a query of another size", { 8: 12, 0: HEAD_WORDS + 3 }],
    ["a query longer than the search", { 8: 20 }],
    ["the longest query", { 8: 0xfffffffd }],
    ["a filter longer than the search", { 9: 1 }],
    ["the longest filter", { 9: 0xfffffffe }],
    ["another kind", { 3: 4 }],
  ] as [string, Record<number, number>][])("%s is refused", (_, changes) => {
    const words = searchWords(changes);
    expect(() => engine.submit(words, words.length)).toThrow(TypeError);
    expect(() => engine.submit(words, HEAD_WORDS - 1)).toThrow(TypeError);
  });

  test("a search of an index that is gone is left out", () => {
    const words = searchWords({ 1: 12_345 });
    expect(() => engine.submit(words, words.length)).not.toThrow();
  });
});

test("an answer that finds no room says how much it needs, and comes then", async () => {
  let tell = (): void => undefined;
  const told = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const own = loadKernel().createEngine(1, () => tell());
  const number = own.createIndex(FLOAT32, L2, 4, 16, 200, 512);
  for (let id = 0; id < 3; id += 1) own.add(number, id, VECTOR);
  const words = searchWords({ 1: number });
  own.submit(words, words.length);
  await told;
  expect(own.takeAnswers(new Uint32Array(10))).toBe(-11);
  const answer = new Uint32Array(11);
  expect(own.takeAnswers(answer)).toBe(11);
  expect([...answer.subarray(0, 8)]).toEqual([7, 0, 1, 3, 0, 0, 1, 2]);
  expect(own.takeAnswers(answer)).toBe(0);
  own.close();
  expect(own.takeAnswers(answer)).toBeUndefined();
});

test("a filter that is kept narrows searches that name it, also once it was dropped", async () => {
  const own = loadKernel().createEngine(1, () => tell());
  let tell = (): void => undefined;
  const number = own.createIndex(FLOAT32, L2, 4, 16, 200, 512);
  for (let id = 0; id < 40; id += 1) own.add(number, id, VECTOR);
  const filter = own.keepFilter(Uint32Array.of(0b1010, 1));
  const words = new Uint32Array(HEAD_WORDS + 5);
  words.set([words.length, number, 7, 0, 9, 10, 0, 0, 16, 0xfffffffe, filter]);
  const told = new Promise<void>((resolve) => {
    tell = resolve;
  });
  own.submit(words, words.length);
  own.dropFilter(filter);
  await told;
  const answer = new Uint32Array(64);
  own.takeAnswers(answer);
  expect(answer[3]).toBe(3);
  expect([...answer.subarray(5, 8)]).toEqual([1, 3, 32]);
  expect(() => own.submit(words, words.length)).toThrow(TypeError);
  own.close();
});

const program = (body: string) => `
  import { loadKernel } from ${JSON.stringify(addonFile)};
  const engine = loadKernel().createEngine(2, () => undefined);
  const index = engine.createIndex(0, 0, 256, 16, 200, 512);
  const vector = new Uint8Array(1024);
  const fill = (id) => {
    crypto.getRandomValues(vector.subarray(0, 3));
    engine.add(index, id, vector);
  };
  ${body}`;

test("a process may end while threads search and build", async () => {
  const body = `
    for (let id = 0; id < 20_000; id += 1) fill(id);
    engine.build(index);
    const words = new Uint32Array(266);
    words.set([266, index, 1, 0, 10, 64, 0, 0, 1024, 0xffffffff]);
    for (let count = 0; count < 500; count += 1) engine.submit(words, 266);
    process.exit(7);`;
  const ended = await promisify(execFile)(process.execPath, [
    "--input-type=module",
    "--eval",
    program(body),
  ]).catch((failure: { code: number; stderr: string }) => failure);
  expect(ended).toMatchObject({ code: 7, stderr: "" });
});

const hasPrlimit = spawnSync("prlimit", ["--version"]).status === 0;
test.skipIf(!hasPrlimit)(
  "without memory an add is an error, and what was there is there",
  async () => {
    const body = `
    const { execFileSync } = await import("node:child_process");
    const { readFileSync } = await import("node:fs");
    fill(0);
    const pages = Number(readFileSync("/proc/self/statm", "latin1").split(" ")[0]);
    const bytes = pages * 4096 + 64 * 1024 * 1024;
    execFileSync("prlimit", ["--pid", String(process.pid), "--as=" + bytes]);
    let code = "";
    for (let id = 1; id < 200_000 && code === ""; id += 1) {
      try { fill(id); } catch (failure) { code = failure.code; }
    }
    const figures = new Float64Array(${kernelFigureCount});
    engine.progress(index, figures);
    process.stdout.write(code + " " + (figures[0] > 1_000));
    process.exit(0);`;
    const options = ["--input-type=module", "--eval", program(body)];
    const { stdout } = await promisify(execFile)(process.execPath, options);
    expect(stdout).toBe("ERR_OUT_OF_MEMORY true");
  },
);
