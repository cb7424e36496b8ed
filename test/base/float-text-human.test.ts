/**
 * `%.17Lf` of doubles beside the exact decimal, ties included.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { humanText } from "../../src/base/float-text.ts";

/** By integers: the double is `mantissa / 2^52` exactly. */
function exactText(value: number): string {
  const mantissa = BigInt(Math.abs(value) * 2 ** 52);
  const scaled = mantissa * 10n ** 17n;
  const unit = 2n ** 52n;
  let units = scaled / unit;
  const rest = (scaled % unit) * 2n;
  if (rest > unit || (rest === unit && units % 2n === 1n)) units += 1n;
  const digits = String(units).padStart(18, "0");
  const text = `${digits.slice(0, -17)}.${digits.slice(-17)}`.replace(/\.?0+$/, "");
  return value < 0 && text !== "0" ? `-${text}` : text;
}

it("has 17 digits, the last one rounded as C rounds it", () => {
  const degrees = fc.oneof(
    fc.integer({ min: -180 * 2 ** 24, max: 180 * 2 ** 24 }).map((units) => units / 2 ** 24),
    fc.integer({ min: -180 * 2 ** 18, max: 180 * 2 ** 18 }).map((units) => units / 2 ** 18),
    fc.constantFrom(0, -0, 1, -180, 0.5, 3 / 2 ** 18, -5 / 2 ** 18),
  );
  fc.assert(
    fc.property(degrees, (value) => {
      expect(humanText(value)).toBe(exactText(value));
    }),
    { numRuns: 2000 },
  );
});
