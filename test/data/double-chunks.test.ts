/**
 * An array of doubles in chunks against a plain one, over the edges of its chunks.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { DoubleChunks } from "../../src/data/double-chunks.ts";

it("is the plain array, however it grows and shrinks", () => {
  const step = fc.oneof(
    fc.record({ pushed: fc.integer({ min: 1, max: 1500 }) }),
    fc.record({ popped: fc.integer({ min: 1, max: 1500 }) }),
    fc.record({ at: fc.nat({ max: 5000 }), value: fc.double() }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const chunks = new DoubleChunks();
      const model: number[] = [];
      for (const one of steps) {
        if ("pushed" in one) {
          for (let left = one.pushed; left > 0; left -= 1) {
            chunks.push(model.length / 3);
            model.push(model.length / 3);
          }
        } else if ("popped" in one) {
          for (let left = Math.min(one.popped, model.length); left > 0; left -= 1) {
            expect(chunks.pop()).toBe(model.pop());
          }
        } else if (one.at < model.length) {
          chunks.set(one.at, one.value);
          model[one.at] = one.value;
        }
        expect(chunks.length).toBe(model.length);
        for (const at of [0, 63, 64, 1023, 1024, model.length - 1]) {
          if (at >= 0 && at < model.length) expect(chunks.get(at)).toBe(model[at]);
        }
      }
      expect(Array.from(model, (_, at) => chunks.get(at))).toEqual(model);
    }),
  );
});
