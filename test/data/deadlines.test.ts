/**
 * Deadlines against a Map: whatever is set, put off and deleted, the earliest is the earliest, and
 * those before a time are all of them.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Deadlines } from "../../src/data/deadlines.ts";

const hashKey = { low: 3, high: 5 };
const step = fc.record({ name: fc.nat(90), time: fc.option(fc.nat(1000), { freq: 3 }) });

describe("Deadlines", () => {
  it("are a map that knows its earliest time", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300, size: "max" }), (steps) => {
        const deadlines = new Deadlines(hashKey);
        const model = new Map<string, number>();
        for (const { name, time } of steps) {
          const text = `name ${name}`;
          if (time === null) {
            deadlines.delete(text);
            model.delete(text);
          } else {
            deadlines.set(text, time);
            model.set(text, time);
          }
          expect(deadlines.size).toBe(model.size);
          expect(deadlines.earliest).toBe(Math.min(...model.values()));
          if (model.size > 0) expect(model.get(deadlines.earliestName)).toBe(deadlines.earliest);
        }
        for (let name = 0; name <= 91; name += 1) {
          expect(deadlines.timeOf(`name ${name}`)).toBe(model.get(`name ${name}`));
        }
        for (const before of [0, 100, 500, 2000]) {
          expect(deadlines.hasFrom(before)).toBe(
            [...model.values()].some((time) => time >= before),
          );
          const expected = [...model].filter(([, time]) => time < before);
          const found: string[] = [];
          const count = deadlines.visitBefore(before, 1000, (name) => found.push(name));
          expect(count).toBe(expected.length);
          expect(found.sort()).toEqual(expected.map(([name]) => name).sort());
          expect(deadlines.visitBefore(before, 3, () => {})).toBe(Math.min(3, expected.length));
        }
        for (const time of [...model.values()].sort((left, right) => left - right)) {
          expect(deadlines.earliest).toBe(time);
          deadlines.delete(deadlines.earliestName);
        }
        expect(deadlines.size).toBe(0);
      }),
    );
  });
});
