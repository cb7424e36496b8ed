/**
 * The structures under a database, against plain models: the arena, the table, the dense places,
 * and the hash against its reference values.
 */
import { describe, expect, it, onTestFailed } from "vitest";
import { DensePlaces } from "../../src/data/dense-places.ts";
import { KeyTable } from "../../src/data/key-table.ts";
import { hashOf } from "../../src/data/keyed-hash.ts";
import {
  BLOCK_UNITS_MAX,
  SlabArena,
  SlabQuota,
  slabOf,
  wordOffsetOf,
} from "../../src/data/slab-arena.ts";
import { seededRandom } from "../support/command-grammar.ts";

const seed = Number(process.env["LODESTONE_SEED"] ?? Date.now() % 2 ** 31);
const below = (random: () => number, bound: number): number => Math.floor(random() * bound);

function sayingSeed(): () => number {
  onTestFailed(() => console.error(`LODESTONE_SEED=${seed}`));
  return seededRandom(seed);
}

describe("hashOf", () => {
  // Of the inputs 0, 1, 2 … under the key 00 01 … 07, from a plain transcription of the paper.
  it("is HalfSipHash-1-3", () => {
    const key = { low: 0x03020100, high: 0x07060504 };
    for (let byteCount = 0; byteCount < 40; byteCount += 1) {
      const text = String.fromCharCode(
        ...Array.from({ length: byteCount }, (_, at) => (at * 7) & 0xff),
      );
      expect(hashOf(text, key)).toBe(plainHash(text, key.low, key.high));
    }
  });

  it("differs under another key", () => {
    const other = { low: 1, high: 2 };
    expect(hashOf("key:1", { low: 0, high: 0 })).not.toBe(hashOf("key:1", other));
  });
});

/** The paper's rounds on BigInt, four bytes at a time. */
function plainHash(text: string, low: number, high: number): number {
  const mask = 0xffffffffn;
  const turned = (value: bigint, by: bigint) => ((value << by) | (value >> (32n - by))) & mask;
  const k0 = BigInt(low >>> 0);
  const k1 = BigInt(high >>> 0);
  let [v0, v1, v2, v3] = [k0, k1, 0x6c796765n ^ k0, 0x74656462n ^ k1];
  const round = () => {
    v0 = (v0 + v1) & mask;
    v1 = turned(v1, 5n) ^ v0;
    v0 = turned(v0, 16n);
    v2 = (v2 + v3) & mask;
    v3 = turned(v3, 8n) ^ v2;
    v0 = (v0 + v3) & mask;
    v3 = turned(v3, 7n) ^ v0;
    v2 = (v2 + v1) & mask;
    v1 = turned(v1, 13n) ^ v2;
    v2 = turned(v2, 16n);
  };
  const bytes = Buffer.from(text, "latin1");
  const padded = Buffer.alloc((Math.floor(bytes.length / 4) + 1) * 4);
  bytes.copy(padded);
  padded[padded.length - 1] = bytes.length & 0xff;
  for (let at = 0; at < padded.length; at += 4) {
    const word = BigInt(padded.readUInt32LE(at));
    v3 ^= word;
    round();
    v0 ^= word;
  }
  v2 ^= 0xffn;
  for (let left = 3; left > 0; left -= 1) round();
  return Number(v1 ^ v3) | 0;
}

describe("SlabArena", () => {
  it("never gives the same units to two blocks, also when they grow and shrink", () => {
    const random = sayingSeed();
    const arena = new SlabArena(new SlabQuota(4, 1));
    const blocks = new Map<number, number>();
    const wordsOf = (location: number, units: number) => {
      const start = wordOffsetOf(location);
      return arena.words[slabOf(location)].subarray(start, start + units * 4);
    };
    let used = 0;
    const add = (location: number, units: number) => {
      expect(blocks.has(location)).toBe(false);
      blocks.set(location, units);
      wordsOf(location, units).fill(location);
      used += units;
    };
    for (let step = 0; step < 60_000; step += 1) {
      const units = 1 + below(random, BLOCK_UNITS_MAX);
      const [first] = blocks.keys();
      const isFull = blocks.size > 2000;
      if (first === undefined || (!isFull && random() < 0.7)) {
        add(arena.allocate(units), units);
        continue;
      }
      const before = blocks.get(first) ?? 0;
      expect(wordsOf(first, before).every((word) => word === first)).toBe(true);
      blocks.delete(first);
      used -= before;
      if (random() < 0.5 && arena.resize(first, before, units)) {
        const keptUnits = Math.min(before, units);
        expect(wordsOf(first, keptUnits).every((word) => word === first)).toBe(true);
        add(first, units);
      } else arena.free(first, before);
    }
    expect(arena.usedUnits).toBe(used);
    expect(arena.heldBytes).toBeLessThanOrEqual(16 * 1024 * 1024);
    for (const [location, units] of blocks) arena.free(location, units);
    expect(arena.usedUnits).toBe(0);
    arena.clear();
    expect(arena.heldBytes).toBe(0);
  });

  it("uses the trail of records that all grow step by step", () => {
    const arena = new SlabArena(new SlabQuota(4, 1));
    const blocks = Array.from({ length: 2000 }, () => arena.allocate(3));
    for (let units = 3; units < 40; units += 1) {
      for (const [index, location] of blocks.entries()) {
        if (arena.resize(location, units, units + 1)) continue;
        blocks[index] = arena.allocate(units + 1);
        arena.free(location, units);
      }
    }
    // Without joining what is freed, 2,000 x (3 + 4 + … + 40) units: 26 MB.
    expect(arena.heldBytes).toBeLessThanOrEqual(4 * 1024 * 1024);
  });

  it("is one free block again once all was freed, in any order", () => {
    const random = sayingSeed();
    const arena = new SlabArena(new SlabQuota(1, 0));
    const unitsTotal = 1024 * 1024 - 1;
    const blocks: number[] = [];
    for (let taken = 0; taken + 64 <= unitsTotal; taken += 64) blocks.push(arena.allocate(64));
    while (blocks.length > 0) {
      const at = below(random, blocks.length);
      const last = blocks.pop() ?? 0;
      arena.free(at === blocks.length ? last : blocks[at], 64);
      if (at < blocks.length) blocks[at] = last;
    }
    for (let taken = 0; taken + 127 <= unitsTotal; taken += 127) arena.allocate(127);
  });

  it("splits larger free blocks before it takes another slab", () => {
    const arena = new SlabArena(new SlabQuota(1, 0));
    const unitsTotal = 1024 * 1024 - 1;
    const larger: number[] = [];
    for (let taken = 0; taken + 100 <= unitsTotal; taken += 100) larger.push(arena.allocate(100));
    for (const location of larger) arena.free(location, 100);
    const seen = new Set<number>();
    for (let count = 0; count < larger.length * 2; count += 1) seen.add(arena.allocate(50));
    expect(seen.size).toBe(larger.length * 2);
  });
});

describe("KeyTable", () => {
  it("finds what a Map finds, while it grows, shrinks and keys collide", () => {
    const random = sayingSeed();
    const keys: string[] = [];
    const table = new KeyTable({ hasKey: (location, key) => keys[location] === key });
    const model = new Map<string, number>();
    // Few distinct low and high bits make long runs and deep segments.
    const hash = (key: string) => Math.imul(Number(key), 0x9e3779b1) & 0xff07ffff;
    const wrong: string[] = [];
    const check = (key: string) => {
      if (table.find(hash(key), key) !== (model.get(key) ?? 0)) wrong.push(key);
    };
    for (const target of [30_000, 100, 5000, 0]) {
      while (model.size !== target) {
        const key = String(below(random, 60_000));
        const location = model.get(key);
        check(key);
        if (model.size < target && location === undefined) {
          keys.push(key);
          const added = keys.length;
          keys[added] = key;
          table.add(hash(key), added);
          model.set(key, added);
        } else if (model.size > target && location !== undefined) {
          table.remove(hash(key), location);
          model.delete(key);
        }
      }
      expect(wrong).toEqual([]);
      expect(table.size).toBe(model.size);
      for (let key = 0; key < 60_000; key += 7) check(String(key));
    }
    expect(table.heldBytes).toBeLessThan(100_000);
  });
});

describe("DensePlaces", () => {
  it("meets in a scan whatever is there throughout", () => {
    const random = sayingSeed();
    const places = new DensePlaces();
    const placeOf = new Map<number, number>();
    let next = 1;
    const add = () => {
      placeOf.set(next, places.add(next));
      next += 1;
    };
    const remove = (location: number) => {
      const place = placeOf.get(location) ?? -1;
      const moved = places.removeAt(place);
      if (moved !== 0) placeOf.set(moved, place);
      placeOf.delete(location);
    };
    for (let count = 0; count < 40_000; count += 1) add();
    const staying = new Set([...placeOf.keys()].filter((location) => location % 3 === 0));
    const missing = new Set(staying);
    for (let left = places.size; left > 0; ) {
      left = Math.min(left, places.size) - 1;
      missing.delete(places.at(left));
      if (random() < 0.5) add();
      const victim = 1 + below(random, next - 1);
      if (placeOf.has(victim) && !staying.has(victim)) remove(victim);
    }
    expect(missing.size).toBe(0);
    for (const [location, place] of placeOf) expect(places.at(place)).toBe(location);
  });
});
