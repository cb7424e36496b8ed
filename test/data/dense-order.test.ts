/**
 * DenseOrder against a Set, and what a scan promises: whatever is there from its beginning to its
 * end is met at least once, whatever comes and goes meanwhile, and the scan ends.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DenseOrder } from "../../src/data/dense-order.ts";

const member = fc.integer({ min: 0, max: 40 }).map(String);
const change = fc.record({ isAdded: fc.boolean(), member });

function perform(order: DenseOrder, model: Set<string>, isAdded: boolean, name: string): void {
  if (isAdded) {
    order.add(name);
    model.add(name);
  } else {
    order.remove(name);
    model.delete(name);
  }
}

function membersOf(order: DenseOrder): string[] {
  return Array.from({ length: order.size }, (_, position) => order.at(position));
}

describe("DenseOrder", () => {
  it("is a set under any sequence of calls", () => {
    fc.assert(
      fc.property(fc.array(member), fc.array(change), (first, changes) => {
        const model = new Set(first);
        const order = new DenseOrder(model);
        for (const { isAdded, member: name } of changes) {
          perform(order, model, isAdded, name);
          expect(order.size).toBe(model.size);
          expect(new Set(membersOf(order))).toEqual(model);
        }
        order.clear();
        expect(order.size).toBe(0);
        order.add("again");
        expect(membersOf(order)).toEqual(["again"]);
      }),
    );
  });

  it("meets in a scan whatever stays, and ends", () => {
    fc.assert(
      fc.property(
        fc.array(member),
        fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 5 }),
        (first, rounds, count) => {
          const model = new Set(first);
          const order = new DenseOrder(model);
          const stayed = new Set(model);
          const met = new Set<string>();
          let cursor = 0;
          let calls = 0;
          do {
            const before = cursor;
            cursor = order.scan(cursor, count, (name) => {
              expect(model.has(name)).toBe(true);
              met.add(name);
            });
            if (before !== 0) expect(cursor).toBeLessThan(before);
            for (const { isAdded, member: name } of rounds[calls] ?? []) {
              perform(order, model, isAdded, name);
              if (!isAdded) stayed.delete(name);
            }
            calls += 1;
          } while (cursor !== 0);
          for (const name of stayed) expect(met).toContain(name);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("takes any cursor that a client makes up", () => {
    const order = new DenseOrder(["a", "b", "c"]);
    const met: string[] = [];
    expect(order.scan(Number.MAX_SAFE_INTEGER, 10, (name) => met.push(name))).toBe(0);
    expect(met.sort()).toEqual(["a", "b", "c"]);
    expect(new DenseOrder([]).scan(5, 10, () => expect.fail("nothing is there"))).toBe(0);
  });
});
