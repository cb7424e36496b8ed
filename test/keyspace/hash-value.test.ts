/**
 * HashValue against a Map, from its first packed field until long after it was unpacked: the same
 * fields and expiries, stored values released once, and a cost that is what it holds.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Bytes } from "../../src/base/bytes.ts";
import { LiveFields } from "../../src/keyspace/hash-reader.ts";
import { type HashHost, HashValue } from "../../src/keyspace/hash-value.ts";
import {
  type FieldValue,
  isStored,
  ReleaseList,
  type StoredBytes,
} from "../../src/keyspace/stored-bytes.ts";

function newHost(): HashHost {
  return { hashKey: { low: 1, high: 2 }, released: new ReleaseList() };
}

class Stored implements StoredBytes {
  readonly length = 600;
  releaseCount = 0;
  copy(): Buffer {
    return Buffer.alloc(this.length, 7);
  }
  share(): StoredBytes {
    return this;
  }
  isSameAs(other: StoredBytes): boolean {
    return other === this;
  }
  release(): void {
    this.releaseCount += 1;
  }
}

const field = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 0, max: 12 }).map((number) => `field${number}`) },
  fc.constantFrom("", "\u00ff", "\u0000\u0001", "f".repeat(254), "f".repeat(255), "f".repeat(256)),
);
const text = fc
  .tuple(fc.constantFrom(0, 1, 10, 100, 253, 254, 255, 256, 512), fc.constantFrom("a", "\u00ff"))
  .map(([length, character]) => character.repeat(length));
const value = fc.oneof(
  { weight: 4, arbitrary: text },
  fc.constant(600).map((length) => Buffer.alloc(length, 3)),
  fc.constant("stored" as const).map(() => new Stored()),
);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ set: field, value }) },
  fc.record({ delete: field }),
  fc.record({ expire: field, expiryMs: fc.nat(9) }),
);

function readable(held: FieldValue): Bytes {
  return isStored(held) ? held.copy() : held;
}

type Model = Map<string, { held: FieldValue; expiryMs: number }>;

/** A small one keeps the order of insertion. */
function inOrder<Item>(hash: HashValue, items: Iterable<Item>): Item[] {
  return hash.isSmall ? [...items] : [...items].sort();
}

function expectSame(hash: HashValue, model: Model): void {
  const names = [...model.keys()];
  expect(hash.size).toBe(model.size);
  expect(inOrder(hash, hash.names())).toEqual(inOrder(hash, names));
  const pairs = hash.flatPairs();
  expect(pairs.length).toBe(model.size * 2);
  const held = new Map(hash.heldEntries());
  expect(held.size).toBe(model.size);
  const entries = [...hash];
  expect([...hash.values()]).toEqual(entries.map(([, bytes]) => bytes));
  expect(entries.flat()).toEqual(pairs);
  for (const [name, bytes] of entries) {
    const expected = model.get(name)?.held ?? expect.fail(`${name} is not there`);
    expect(bytes).toEqual(readable(expected));
    expect(held.get(name)).toBe(expected);
    expect(hash.has(name)).toBe(true);
    expect(hash.held(name)).toBe(expected);
    expect(hash.get(name)).toEqual(bytes);
    expect(hash.expiryMsOf(name)).toBe(model.get(name)?.expiryMs);
  }
  expectSameTimes(hash, model);
  expect(hash.has("absent")).toBe(false);
  expect(hash.get("absent")).toBeUndefined();
}

function expectSameTimes(hash: HashValue, model: Model): void {
  const times = [...model.values()].map(({ expiryMs }) => expiryMs).filter((time) => time !== 0);
  expect(hash.expiringCount).toBe(times.length);
  expect(hash.earliestExpiryMs).toBe(Math.min(...times));
  const passed = [...model].filter(([, { expiryMs }]) => expiryMs !== 0 && expiryMs < 5);
  expect(hash.passedCount(5)).toBe(passed.length);
  const names = passed.map(([name]) => name).sort();
  expect(hash.passedFields(5, Number.POSITIVE_INFINITY).sort()).toEqual(names);
  expect(hash.hasLiveField(5)).toBe(hash.size > names.length);
  if (hash.size === names.length) return;
  const live = new LiveFields(hash, 5);
  const present = [...hash].filter(([name]) => !names.includes(name));
  expect([...live]).toEqual(present);
  expect(live.size).toBe(present.length);
  expect([...live.names()]).toEqual(present.map(([name]) => name));
  expect(present.map(([name]) => name)).toContain(live.someName(() => 0.5));
  for (const name of names) {
    expect([live.has(name), live.get(name), live.held(name)]).toEqual([
      false,
      undefined,
      undefined,
    ]);
    expect(live.expiryMsOf(name)).toBe(0);
  }
}

type Change =
  | { set: string; value: FieldValue }
  | { delete: string }
  | { expire: string; expiryMs: number };

function apply(hash: HashValue, model: Model, host: HashHost) {
  return (change: Change): void => {
    if ("set" in change) {
      hash.set(change.set, change.value, host);
      const expiryMs = model.get(change.set)?.expiryMs ?? 0;
      model.set(change.set, { held: change.value, expiryMs });
    } else if ("delete" in change) {
      hash.delete(change.delete, host);
      model.delete(change.delete);
    } else {
      const field = model.get(change.expire);
      if (field === undefined) return;
      hash.setExpiry(change.expire, change.expiryMs, host);
      field.expiryMs = change.expiryMs;
    }
  };
}

describe("HashValue", () => {
  it("is a map, in order of insertion while it is small, under any sequence of calls", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const hash = new HashValue();
        const model = new Map() as Model;
        const run = apply(hash, model, newHost());
        for (const change of steps) {
          run(change);
          expectSame(hash, model);
        }
      }),
    );
  });

  it("releases what is stored when it is taken out, once", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const hash = new HashValue();
        const model = new Map() as Model;
        const host = newHost();
        const run = apply(hash, model, host);
        const all = new Set<Stored>();
        for (const change of steps) {
          if ("set" in change && change.value instanceof Stored) all.add(change.value);
          run(change);
          host.released.releaseAll();
          const present = new Set([...model.values()].map(({ held }) => held));
          for (const stored of all) expect(stored.releaseCount).toBe(present.has(stored) ? 0 : 1);
        }
        hash.releaseStored(host.released);
        host.released.releaseAll();
        for (const stored of all) expect(stored.releaseCount).toBe(1);
      }),
    );
  });

  it("takes many fields at once as one after another, the last of a name winning", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(field, text), { minLength: 1 }), (pairs) => {
        const atOnce = new HashValue();
        const model: Model = new Map();
        for (const [name, held] of pairs) model.set(name, { held, expiryMs: 0 });
        atOnce.setAll(pairs.flat(), newHost());
        expectSame(atOnce, model);
        const oneByOne = new HashValue();
        for (const [name, bytes] of pairs) oneByOne.set(name, bytes, newHost());
        const isSmall = [...model].every(([name, { held }]) => name.length + held.length < 200);
        if (isSmall && model.size <= 3) expect(atOnce.costBytes).toBe(oneByOne.costBytes);
      }),
    );
  });

  it("costs what it holds, and what it cost before once that is gone", () => {
    const hash = new HashValue();
    const host = newHost();
    const empty = hash.costBytes;
    for (const [name, bytes] of [
      ["name", "x"],
      ["text", "y".repeat(300)],
    ] as const) {
      hash.set(name, bytes, host);
      expect(hash.costBytes).toBeGreaterThan(empty + name.length + bytes.length);
      hash.delete(name, host);
      expect(hash.costBytes).toBe(empty);
    }
    for (let number = 0; hash.isSmall; number += 1) hash.set(`${number}`, "", host);
    const full = hash.costBytes;
    hash.set("name", "value", host);
    hash.setExpiry("name", 5, host);
    expect(hash.costBytes).toBeGreaterThan(full + 200);
    hash.delete("name", host);
    expect(hash.costBytes).toBe(full);
  });

  it.each([10, 100, 511, 512, 513, 3000])(
    "holds %i fields, set, changed and taken out",
    (count) => {
      const hash = new HashValue();
      const model: Model = new Map();
      const run = apply(hash, model, newHost());
      for (let number = 0; number < count; number += 1) {
        run({ set: `field:${number}`, value: `value ${number * 7919}` });
      }
      expect(hash.isSmall).toBe(count <= 512);
      for (let number = 0; number < count; number += 3) {
        run({ set: `field:${number}`, value: "x".repeat(number % 40) });
        run({ expire: `field:${number}`, expiryMs: 1 + (number % 11) });
      }
      expectSame(hash, model);
      const met = new Set<string>();
      let cursor = 0;
      do cursor = hash.scan(cursor, 7, (name) => met.add(name));
      while (cursor !== 0);
      expect(met).toEqual(new Set(model.keys()));
      for (let number = 0; number < count; number += 2) run({ delete: `field:${number}` });
      expectSame(hash, model);
      const copy = new HashValue();
      copy.setAll(hash.flatPairs(), newHost());
      expect(copy.flatPairs()).toEqual(hash.flatPairs());
    },
  );
});
