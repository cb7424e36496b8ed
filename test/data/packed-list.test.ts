/**
 * PackedList against a plain array, under any sequence of calls with values of all sizes; what it
 * says of its own size; and the middle of a list of a million.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bytes, canonicalBytes, toBinaryString } from "../../src/base/bytes.ts";
import { entryBytes } from "../../src/data/listpack.ts";
import { PackedList } from "../../src/data/packed-list.ts";

/** Short text, integers, a few hundred bytes, a Buffer in a listpack, a node by itself. */
const value: fc.Arbitrary<Bytes> = fc
  .tuple(
    fc.nat(9),
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(1, 2, 10) },
      { weight: 2, arbitrary: fc.constantFrom(64, 300, 600) },
      { weight: 1, arbitrary: fc.constantFrom(2048, 2049, 5000) },
    ),
  )
  .map(([digit, size]) => canonicalBytes(String(digit).repeat(size)));

const place = fc.double({ min: 0, max: 1, noNaN: true });
const step = fc.oneof(
  fc.record({ do: fc.constant("push" as const), isLeft: fc.boolean(), value, count: fc.nat(3) }),
  fc.record({ do: fc.constant("fill" as const), isLeft: fc.boolean(), value, count: fc.nat(900) }),
  fc.record({ do: fc.constant("drop" as const), isLeft: fc.boolean(), place }),
  fc.record({ do: fc.constant("set" as const), place, value }),
  fc.record({ do: fc.constant("insert" as const), place, value }),
  fc.record({ do: fc.constant("remove" as const), place, stride: fc.integer({ min: 1, max: 50 }) }),
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

function perform(list: PackedList, model: Bytes[], one: Step): void {
  if (one.do === "push" || one.do === "fill") {
    const values = Array.from({ length: one.count }, () => one.value);
    if (values.length === 0) return;
    list.push(values, one.isLeft);
    if (one.isLeft) model.unshift(...values.toReversed());
    else model.push(...values);
  } else if (one.do === "drop") {
    const count = Math.floor(one.place * model.length);
    list.drop(count, one.isLeft);
    model.splice(one.isLeft ? 0 : model.length - count, count);
  } else if (one.do === "insert") {
    const index = Math.floor(one.place * model.length);
    list.insert(index, one.value);
    model.splice(index, 0, one.value);
  } else if (model.length > 0) {
    const first = Math.floor(one.place * (model.length - 1));
    if (one.do === "set") {
      list.set(first, one.value);
      model[first] = one.value;
    } else {
      const indexes: number[] = [];
      for (let index = first; index < model.length; index += one.stride) indexes.push(index);
      list.removeAll(indexes);
      for (const index of indexes.toReversed()) model.splice(index, 1);
    }
  }
}

const texts = (values: Iterable<Bytes>) => [...values].map(toBinaryString);

function expectSame(list: PackedList, model: readonly Bytes[]): void {
  expect(list.length).toBe(model.length);
  expect(texts(list)).toEqual(texts(model));
  const third = Math.floor(model.length / 3);
  expect(texts(list.slice(third, third))).toEqual(texts(model.slice(third, third * 2)));
  for (const index of [0, third, model.length - 1]) expect(list.get(index)).toEqual(model[index]);
  expect(list.get(-1)).toBeUndefined();
  expect(list.get(model.length)).toBeUndefined();
  const sought = model[third];
  if (sought !== undefined) {
    const found = model.flatMap((each, index) =>
      toBinaryString(each) === toBinaryString(sought) ? [index] : [],
    );
    expect([...list.matches(sought, false)]).toEqual(found);
    expect([...list.matches(sought, true)]).toEqual(found.toReversed());
    const few = [...list.matches(sought, false, third)];
    expect(few).toEqual(found.filter((index) => index < third));
    const last = [...list.matches(sought, true, third)];
    expect(last).toEqual(found.filter((index) => index >= model.length - third).toReversed());
  }
  let packedBytes = 7;
  for (const each of model) packedBytes += entryBytes(each);
  expect(list.packedBytes).toBe(packedBytes);
}

describe("PackedList", () => {
  it("removes what it was asked to also where the node before is joined with the next", () => {
    const list = new PackedList();
    const model = Array.from({ length: 513 }, () => "0");
    list.push(model.slice(1), false);
    list.insert(0, "0");
    list.insert(1, "1");
    model.splice(1, 0, "1");
    const indexes = model.flatMap((_, index) => (index % 2 === 0 ? [index] : []));
    list.removeAll(indexes);
    expectSame(
      list,
      model.filter((_, index) => index % 2 === 1),
    );
  });

  it("is an array, whatever is done to it", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const list = new PackedList();
        const model: Bytes[] = [];
        for (const one of steps) {
          perform(list, model, one);
          expect(list.length).toBe(model.length);
        }
        expectSame(list, model);
        list.drop(list.length, true);
        expect(list.heldBytes).toBe(new PackedList().heldBytes);
        expect(list.packedBytes).toBe(7);
      }),
      { numRuns: 300 },
    );
  });

  it("keeps what it handed out, whatever comes after", () => {
    const list = new PackedList();
    for (let index = 0; index < 3000; index += 1) list.push([`value ${index}`], false);
    const handed = list.slice(0, 3000);
    const large = canonicalBytes("x".repeat(700));
    list.set(5, large);
    const before = list.get(5);
    list.drop(2, true);
    list.push(["new"], true);
    list.drop(500, false);
    list.insert(7, "new");
    expect(handed).toEqual(Array.from({ length: 3000 }, (_, index) => `value ${index}`));
    expect(before).toEqual(large);
  });

  it("finds its way in a list of a million, and takes it apart again", () => {
    const list = new PackedList();
    const count = 1_000_000;
    const chunk = 1000;
    for (let start = 0; start < count; start += chunk) {
      list.push(
        Array.from({ length: chunk }, (_, index) => String(start + index)),
        false,
      );
    }
    for (let index = 0; index < count; index += 997) expect(list.get(index)).toBe(String(index));
    // As many insertions in one place as split its group.
    for (let index = 0; index < 200_000; index += 1) list.insert(500_000, "new");
    expect(list.get(499_999)).toBe("499999");
    expect(list.get(700_000)).toBe("500000");
    list.removeAll(Array.from({ length: 200_000 }, (_, index) => 500_000 + index));
    for (let index = 0; index < count; index += 997) expect(list.get(index)).toBe(String(index));
    list.removeAll(Array.from({ length: count / 2 }, (_, index) => index * 2));
    for (let index = 0; index < count / 2; index += 997) {
      expect(list.get(index)).toBe(String(index * 2 + 1));
    }
    list.drop(count / 4, true);
    list.drop(count / 4 - 1, false);
    expect([...list]).toEqual([String(count / 2 + 1)]);
  });

  it("holds a hundred values of ten bytes in little more than their bytes", () => {
    const list = new PackedList();
    for (let index = 0; index < 100; index += 1) list.push([`v ${10_000_000 + index}`], false);
    expect(list.heldBytes).toBeLessThan(100 * 12 * 1.5);
    for (let index = 0; index < 100_000; index += 1) list.push([`v ${10_000_000 + index}`], true);
    expect(list.heldBytes).toBeLessThan(100_100 * 12 * 1.1);
  });
});
