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

const edges = [
  7n,
  8n,
  15n,
  16n,
  23n,
  24n,
  31n,
  32n,
  39n,
  40n,
  47n,
  48n,
  52n,
  53n,
  54n,
  55n,
  56n,
  62n,
].flatMap((bits) => [2n ** bits - 1n, 2n ** bits, -(2n ** bits), -(2n ** bits) - 1n]);
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
const widths: readonly (readonly [number, readonly string[]])[] = [
  [1, ["127", "-128", "0"]],
  [2, ["32767", "-32768", "128"]],
  [3, ["8388607", "-8388608", "32768"]],
  [4, ["-2147483648", "2147483647", "-8388609"]],
  [5, ["2147483648", "-549755813888", "549755813887"]],
  [6, ["1700000000000", "0", "-549755813889"]],
  [7, ["-36028797018963968", "36028797018963967"]],
  [8, ["36028797018963968", "1"]],
  [8, [String(least)]],
];
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

  it.each(widths)("take %i bytes each where the widest needs them", (width, members) => {
    const packed = withIntegers(EMPTY_INTEGERS, members);
    expect(packed).toHaveLength(1 + members.length * width);
    expect(valuesOf(packed)).toEqual(inOrder(new Set(members)));
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
