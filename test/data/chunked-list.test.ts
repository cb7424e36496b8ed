/**
 * ChunkedList against a plain array, under any sequence of calls; and its speed where an array has
 * none.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChunkedList } from "../../src/data/chunked-list.ts";

type Step =
  | { readonly kind: "pushLeft" | "pushRight"; readonly count: number }
  | { readonly kind: "popLeft" | "popRight"; readonly count: number }
  | {
      readonly kind: "insert" | "set" | "removeAt";
      readonly place: number;
      readonly count: number;
    };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom("pushLeft" as const, "pushRight" as const),
    count: fc.integer({ min: 1, max: 300 }),
  }),
  fc.record({
    kind: fc.constantFrom("popLeft" as const, "popRight" as const),
    count: fc.integer({ min: 1, max: 200 }),
  }),
  fc.record({
    kind: fc.constantFrom("insert" as const, "set" as const, "removeAt" as const),
    place: fc.double({ min: 0, max: 1, noNaN: true }),
    count: fc.integer({ min: 1, max: 150 }),
  }),
);

/** Does the same to both; what was taken must be the same. */
function perform(list: ChunkedList<number>, model: number[], one: Step, value: number): void {
  switch (one.kind) {
    case "pushLeft":
      list.pushLeft(value);
      model.unshift(value);
      return;
    case "pushRight":
      list.pushRight(value);
      model.push(value);
      return;
    case "popLeft":
      expect(list.popLeft()).toBe(model.shift());
      return;
    case "popRight":
      expect(list.popRight()).toBe(model.pop());
      return;
    case "insert": {
      const at = Math.round(one.place * model.length);
      list.insert(at, value);
      model.splice(at, 0, value);
      return;
    }
    default: {
      if (model.length === 0) return;
      const at = Math.min(model.length - 1, Math.floor(one.place * model.length));
      if (one.kind === "set") {
        list.set(at, value);
        model[at] = value;
      } else {
        list.removeAt(at);
        model.splice(at, 1);
      }
    }
  }
}

describe("ChunkedList", () => {
  it("is an array under any sequence of calls", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.nat(), fc.nat(), (steps, start, count) => {
        const list = new ChunkedList<number>();
        const model: number[] = [];
        let value = 0;
        for (const one of steps) {
          for (let time = 0; time < one.count; time += 1) {
            value += 1;
            perform(list, model, one, value);
          }
          expect(list.length).toBe(model.length);
          expect([...list]).toEqual(model);
        }
        expect([...list.reversed()]).toEqual([...model].reverse());
        const from = model.length === 0 ? 0 : start % (model.length + 2);
        const wanted = count % (model.length + 2);
        expect(list.slice(from, wanted)).toEqual(model.slice(from, from + wanted));
        for (let at = 0; at < model.length; at += 7) expect(list.get(at)).toBe(model[at]);
        expect(list.get(-1)).toBeUndefined();
        expect(list.get(model.length)).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  it("is made from any iterable", () => {
    const values = Array.from({ length: 1000 }, (_, index) => index);
    expect([...ChunkedList.from(new Set(values))]).toEqual(values);
    expect(ChunkedList.from([]).length).toBe(0);
  });

  it("holds many values and gives them back from either end", () => {
    const count = 200_000;
    const list = new ChunkedList<number>();
    for (let value = 0; value < count; value += 1) list.pushLeft(value);
    expect(list.get(count - 1)).toBe(0);
    expect(list.get(count / 2)).toBe(count / 2 - 1);
    let wrongCount = 0;
    for (let value = 0; value < count; value += 1) if (list.popRight() !== value) wrongCount += 1;
    expect(wrongCount).toBe(0);
    expect(list.popLeft()).toBeUndefined();
    expect(list.length).toBe(0);
  });
});
