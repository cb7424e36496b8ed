/**
 * Packed integers against a plain set, in numeric order.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  EMPTY_INTEGERS,
  hasInteger,
  INTEGERS_MAX,
  integerAt,
  integerCount,
  isInteger,
  withIntegers,
  withoutIntegers,
} from "../../src/data/packed-integers.ts";

const edges = [15n, 16n, 31n, 32n, 52n, 53n, 54n, 62n].flatMap((bits) => [
  2n ** bits - 1n,
  2n ** bits,
  -(2n ** bits),
  -(2n ** bits) - 1n,
]);
const least = -(2n ** 63n);
const texts = [...edges, 0n, 1n, -1n, 2n ** 63n - 1n, least].map(String);
const integer = fc.oneof(
  fc.integer({ min: -40, max: 40 }).map(String),
  fc.constantFrom(...texts),
  fc.bigInt({ min: least, max: 2n ** 63n - 1n }).map(String),
);
const noIntegers = [
  "",
  "-",
  "-0",
  "00",
  "01",
  "+1",
  " 1",
  "1 ",
  "1.0",
  "1e3",
  "--1",
  "a",
  "\x00",
  "9223372036854775808",
  "-9223372036854775809",
  "99999999999999999999",
  "999999999999999999999",
]; // prettier-ignore
const step = fc.record({ isRemoval: fc.boolean(), texts: fc.array(integer, { maxLength: 6 }) });

function inOrder(model: ReadonlySet<string>): string[] {
  const compare = (left: string, right: string): number =>
    BigInt(left) < BigInt(right) ? -1 : left === right ? 0 : 1;
  return [...model].sort(compare);
}

function valuesOf(packed: string): string[] {
  return Array.from({ length: integerCount(packed) }, (_, index) => integerAt(packed, index));
}

describe("packed integers", () => {
  it("are a set in numeric order, whatever comes and goes", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.array(integer), (steps, others) => {
        const model = new Set<string>();
        let packed = EMPTY_INTEGERS;
        for (const { isRemoval, texts: wanted } of steps) {
          const changed = [...new Set(wanted)].filter((text) => model.has(text) === isRemoval);
          packed = isRemoval ? withoutIntegers(packed, changed) : withIntegers(packed, changed);
          for (const text of changed) {
            if (isRemoval) model.delete(text);
            else model.add(text);
          }
          expect(valuesOf(packed)).toEqual(inOrder(model));
        }
        for (const text of [...others, ...model]) {
          expect(hasInteger(packed, text)).toBe(model.has(text));
        }
      }),
    );
  });

  it("take two, four or eight bytes each, as the widest needs", () => {
    const bytesOf = (...members: string[]): number => withIntegers(EMPTY_INTEGERS, members).length;
    expect(bytesOf("32767", "-32768", "0")).toBe(1 + 3 * 2);
    expect(bytesOf("0", "32768")).toBe(1 + 2 * 4);
    expect(bytesOf("-2147483648", "2147483647")).toBe(1 + 2 * 4);
    expect(bytesOf("1", "2", "2147483648")).toBe(1 + 3 * 8);
    expect(bytesOf(String(least))).toBe(1 + 8);
  });

  it("hold as many as they may", () => {
    const many = Array.from({ length: INTEGERS_MAX }, (_, index) =>
      String(2n ** 60n - BigInt(index)),
    );
    const packed = withIntegers(EMPTY_INTEGERS, many);
    expect(valuesOf(packed)).toEqual(inOrder(new Set(many)));
    expect(() => withIntegers(packed, ["1"])).toThrow("packed integers stay few");
  });

  it.each(noIntegers)("know that %j is no integer", (text) => {
    expect(isInteger(text)).toBe(false);
    expect(hasInteger(withIntegers(EMPTY_INTEGERS, ["0", "1", "-1"]), text)).toBe(false);
  });

  it.each(texts)("know that %s is one", (text) => {
    expect(isInteger(text)).toBe(true);
  });
});
