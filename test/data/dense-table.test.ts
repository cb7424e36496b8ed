/**
 * The dense table against a plain array and a Set.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { DenseTable } from "../../src/data/dense-table.ts";

const member = fc.oneof(
  fc.nat({ max: 40 }).map(String),
  fc.string({ unit: fc.constantFrom("a", "\xff", "\x00"), maxLength: 5 }),
);
const step = fc.tuple(fc.boolean(), member);

it("numbers its members without gaps, the last into each hole", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const table = new DenseTable({ low: 1, high: 2 });
      const model: string[] = [];
      for (const [isAdded, name] of steps) {
        const at = model.indexOf(name);
        expect(table.find(name)).toBe(at);
        if (isAdded) {
          expect(table.add(name)).toBe(at < 0 ? model.length : -1);
          if (at < 0) model.push(name);
        } else if (at >= 0) {
          table.removeAt(at);
          const last = model.pop();
          if (last !== undefined && at < model.length) model[at] = last;
        }
        expect([...table]).toEqual(model);
      }
    }),
  );
});

it("meets whatever is there throughout a scan, whatever comes and goes", () => {
  const change = fc.tuple(fc.nat({ max: 7 }), fc.array(step, { maxLength: 10 }));
  fc.assert(
    fc.property(fc.array(member), fc.array(change), (first, changes) => {
      const table = new DenseTable({ low: 3, high: 4 });
      for (const name of first) table.add(name);
      const throughout = new Set(table);
      const met = new Set<string>();
      let cursor = 0;
      for (let turn = 0; turn === 0 || cursor !== 0; turn += 1) {
        const [count, steps] = changes[turn] ?? [3, []];
        cursor = table.scan(cursor, count + 1, (name) => met.add(name));
        for (const [isAdded, name] of steps) {
          if (isAdded) table.add(name);
          else if (table.has(name)) {
            throughout.delete(name);
            table.removeAt(table.find(name));
          }
        }
      }
      for (const name of throughout) expect(met.has(name)).toBe(true);
    }),
  );
});

it("holds tens of thousands in chunks", () => {
  const table = new DenseTable({ low: 5, high: 6 });
  for (let index = 0; index < 50_000; index += 1) table.add(`member:${index}`);
  for (let index = 0; index < 50_000; index += 2) table.removeAt(table.find(`member:${index}`));
  expect(table.size).toBe(25_000);
  for (let index = 0; index < table.size; index += 1)
    expect(table.find(table.at(index))).toBe(index);
});
