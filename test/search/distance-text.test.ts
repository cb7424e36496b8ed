/** Distances print as C's `%.12g`, whichever way the digits are made. */
import { describe, expect, test } from "vitest";
import { distanceText } from "../../src/search/query/distance-text.ts";
import { Choices } from "./index-support.ts";

/** By JavaScript's own conversions, which are exact. */
function exactText(value: number): string {
  const [digits, exponentText] = value.toExponential(11).split("e");
  const exponent = Number(exponentText);
  const bare = (text: string) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (exponent >= -4 && exponent < 12) return bare(value.toFixed(11 - exponent));
  const size = String(Math.abs(exponent)).padStart(2, "0");
  return `${bare(digits)}e${exponent < 0 ? "-" : "+"}${size}`;
}

describe("a distance", () => {
  test.each([
    [0, "0"],
    [1, "1"],
    [10, "10"],
    [0.5, "0.5"],
    [0.0001, "0.0001"],
    [Math.fround(0.1), "0.10000000149"],
    [9999.5, "9999.5"],
    [123456, "123456"],
    [1e-7, "1e-07"],
    [3e38, "3e+38"],
    [Number.POSITIVE_INFINITY, "inf"],
    [-0.25, "-0.25"],
  ])("of %d is %s", (value, text) => {
    expect(distanceText(value)).toBe(text);
  });

  test.each([61, 62])("of any size is what C prints, seed %i", (seed) => {
    const choices = new Choices(seed);
    for (let round = 0; round < 20_000; round += 1) {
      const magnitude = 10 ** (choices.below(12) - 6);
      const value = Math.fround((1 + choices.below(1_000_000) / 111_111) * magnitude);
      expect(distanceText(value)).toBe(exactText(value));
      // Halves of the last digit are where the two could part.
      const half = (2 * choices.below(1_000_000) + 1) / 2 ** (1 + choices.below(20));
      expect(distanceText(half)).toBe(exactText(half));
    }
  });
});
