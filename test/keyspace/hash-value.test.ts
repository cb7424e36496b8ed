/**
 * HashValue against a Map, from its first packed field until long after it was unpacked: the same
 * fields in the same order, stored values released once, and a cost that is what it holds.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Bytes } from "../../src/base/bytes.ts";
import { PACKED_BYTES_MAX } from "../../src/data/packed-fields.ts";
import { HashValue } from "../../src/keyspace/hash-value.ts";
import {
  type FieldValue,
  isStored,
  ReleaseList,
  type StoredBytes,
} from "../../src/keyspace/stored-bytes.ts";

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
);

function readable(held: FieldValue): Bytes {
  return isStored(held) ? held.copy() : held;
}

function expectSame(hash: HashValue, model: Map<string, FieldValue>): void {
  expect(hash.size).toBe(model.size);
  expect([...hash.heldEntries()]).toEqual([...model]);
  expect([...hash.names()]).toEqual([...model.keys()]);
  expect([...hash.values()]).toEqual([...model.values()].map(readable));
  expect([...hash]).toEqual([...model].map(([name, held]) => [name, readable(held)]));
  for (const [name, held] of model) {
    expect(hash.has(name)).toBe(true);
    expect(hash.held(name)).toBe(held);
    expect(hash.get(name)).toEqual(readable(held));
  }
  expect(hash.has("absent")).toBe(false);
  expect(hash.get("absent")).toBeUndefined();
}

function apply(hash: HashValue, model: Map<string, FieldValue>, released: ReleaseList) {
  return (change: { set: string; value: FieldValue } | { delete: string }): void => {
    if ("set" in change) {
      hash.set(change.set, change.value, released);
      model.set(change.set, change.value);
    } else {
      hash.delete(change.delete, released);
      model.delete(change.delete);
    }
  };
}

describe("HashValue", () => {
  it("is a map in order of insertion under any sequence of calls", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const hash = new HashValue();
        const model = new Map<string, FieldValue>();
        const run = apply(hash, model, new ReleaseList());
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
        const model = new Map<string, FieldValue>();
        const released = new ReleaseList();
        const run = apply(hash, model, released);
        const all = new Set<Stored>();
        for (const change of steps) {
          if ("set" in change && change.value instanceof Stored) all.add(change.value);
          run(change);
          released.releaseAll();
          const present = new Set(model.values());
          for (const stored of all) expect(stored.releaseCount).toBe(present.has(stored) ? 0 : 1);
        }
        hash.releaseStored(released);
        released.releaseAll();
        for (const stored of all) expect(stored.releaseCount).toBe(1);
      }),
    );
  });

  it("takes many fields at once as one after another, the last of a name winning", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(field, text), { minLength: 1 }), (pairs) => {
        const atOnce = new HashValue();
        const model = new Map<string, FieldValue>(pairs);
        atOnce.setAll(pairs.flat(), new ReleaseList());
        expectSame(atOnce, model);
        const oneByOne = new HashValue();
        for (const [name, bytes] of pairs) oneByOne.set(name, bytes, new ReleaseList());
        const isSmall = [...model].every(([name, held]) => name.length + held.length < 200);
        if (isSmall && model.size <= 3) expect(atOnce.costBytes).toBe(oneByOne.costBytes);
      }),
    );
  });

  it("costs what it holds, and what it cost before once that is gone", () => {
    const hash = new HashValue();
    const released = new ReleaseList();
    const empty = hash.costBytes;
    for (const [name, bytes] of [
      ["name", "x"],
      ["text", "y".repeat(300)],
    ] as const) {
      hash.set(name, bytes, released);
      expect(hash.costBytes).toBeGreaterThan(empty + name.length + bytes.length);
      hash.delete(name, released);
      expect(hash.costBytes).toBe(empty);
    }
    for (let number = 0; number < PACKED_BYTES_MAX; number += 1)
      hash.set(`${number}`, "", released);
    const full = hash.costBytes;
    hash.set("name", "value", released);
    hash.delete("name", released);
    expect(hash.costBytes).toBe(full);
  });
});
