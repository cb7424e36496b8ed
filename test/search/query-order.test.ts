/**
 * SORTBY chooses a page without sorting everything: it must be the page of the whole order.
 */
import { expect, onTestFailed, test } from "vitest";
import { firstSorted, type SortValue } from "../../src/search/query/order.ts";
import { seededRandom } from "../support/command-grammar.ts";

const seed = Number(process.env["LODESTONE_SEED"] ?? Date.now() % 2 ** 31);

/** As it is said: missing values last in either direction, equal ones by id in the direction. */
function wholeOrder(values: readonly SortValue[], isAscending: boolean): number[] {
  const sign = isAscending ? 1 : -1;
  return values
    .map((_, id) => id)
    .sort((left, right) => {
      const [one, other] = [values[left], values[right]];
      if (one === other) return sign * (left - right);
      if (one === undefined) return 1;
      if (other === undefined) return -1;
      return one < other ? -sign : sign;
    });
}

test("any number of first documents is the beginning of the whole order", () => {
  onTestFailed(() => console.error(`LODESTONE_SEED=${seed}`));
  const random = seededRandom(seed);
  for (let round = 0; round < 300; round += 1) {
    const size = Math.floor(random() * 200);
    const kinds = 1 + Math.floor(random() * 30);
    const isText = random() < 0.5;
    const values = Array.from({ length: size }, (): SortValue => {
      if (random() < 0.1) return undefined;
      const value = Math.floor(random() * kinds) - kinds / 2;
      return isText ? `t${value}` : value;
    });
    const ids = Uint32Array.from({ length: size }, (_, id) => id);
    for (const isAscending of [true, false]) {
      const whole = wholeOrder(values, isAscending);
      for (const count of [0, 1, 2, 10, size - 1, size, size + 5].filter((n) => n >= 0)) {
        const first = firstSorted(ids, (id) => values[id], isAscending, count);
        expect([...first]).toEqual(whole.slice(0, count));
      }
    }
  }
});
