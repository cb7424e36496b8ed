/**
 * Items in the order of their ids against a plain map.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SortedById } from "../../src/data/sorted-by-id.ts";

const idOf = (number: number): string => String(number).padStart(4, "0");

function expectSame(sorted: SortedById<{ id: string }>, model: ReadonlySet<string>): void {
  const ids = [...model].sort();
  expect(sorted.size).toBe(ids.length);
  expect(Array.from(sorted, ({ id }) => id)).toEqual(ids);
  expect(sorted.first()?.id).toBe(ids[0]);
  expect(sorted.last()?.id).toBe(ids.at(-1));
  for (const from of ["0000", "0300", "0301", "9999"]) {
    const found: string[] = [];
    sorted.visitFrom(from, ({ id }) => found.push(id) < 50);
    expect(found).toEqual(ids.filter((id) => id >= from).slice(0, 50));
    expect(sorted.get(from)?.id).toBe(model.has(from) ? from : undefined);
  }
}

describe("items sorted by id", () => {
  it("are those of a map, whatever is done", () => {
    const step = fc.record({
      what: fc.constantFrom("add", "add", "remove", "run", "clear left", "keep"),
      number: fc.nat({ max: 999 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const sorted = new SortedById<{ id: string }>();
        const model = new Set<string>();
        const add = (id: string): void => {
          if (model.has(id)) return;
          sorted.add({ id });
          model.add(id);
        };
        const remove = (id: string): void => {
          expect(sorted.remove(id)).toBe(model.delete(id));
        };
        for (const { what, number } of steps) {
          if (what === "add") add(idOf(number));
          else if (what === "remove") remove(idOf(number));
          else if (what === "run")
            for (let more = 0; more < 200; more += 1) add(idOf(number + more));
          else if (what === "clear left")
            for (let low = 0; low < number; low += 1) remove(idOf(low));
          else {
            const passes = (id: string): boolean => Number(id) % 3 !== number % 3;
            sorted.keep(({ id }) => passes(id));
            for (const id of [...model]) if (!passes(id)) model.delete(id);
          }
        }
        expectSame(sorted, model);
      }),
      { numRuns: 200 },
    );
  });
});
