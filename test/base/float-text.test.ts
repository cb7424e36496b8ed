/**
 * Doubles as text: the forms that Redis 7.2 gives, and that they read back the same.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { doubleText, preciseText } from "../../src/base/float-text.ts";

it.each([
  [3, "3"],
  [-0, "-0"],
  [0.1, "0.1"],
  [-1.5, "-1.5"],
  [1234567.25, "1234567.25"],
  [65798.96469826912, "6.579896469826912e+4"],
  [0.000123, "0.000123"],
  [0.0000123, "1.23e-5"],
  [1e-7, "1e-7"],
  [2 ** 53, "9007199254740992"],
  [2 ** 62, "4611686018427387904"],
  [1e18, "1000000000000000000"],
  [1e20, "1e+20"],
  [12345678901234e6, "12345678901234000000"],
  [1e300, "1e+300"],
  [5e-324, "5e-324"],
  // Where Redis's algorithm does not find the shortest digits, or not the nearest.
  [281.12697, "281.12696999999997"],
  [-0.000649, "-6.489999999999999e-4"],
  [17.94055, "17.940550000000002"],
  [1965158178654309.2, "1965158178654309.3"],
  [8.43e21, "8430000000000001000000"],
  [Number.POSITIVE_INFINITY, "inf"],
  [Number.NEGATIVE_INFINITY, "-inf"],
  [Number.NaN, "nan"],
])("%d is %s", (value, text) => {
  expect(doubleText(value)).toBe(text);
});

it.each([
  [3, "3"],
  [0.1, "0.10000000000000001"],
  [1e16, "10000000000000000"],
  [1e17, "1e+17"],
  [-0.00001, "-1.0000000000000001e-05"],
  [0.00012, "0.00012"],
  [1e300, "1.0000000000000001e+300"],
  [-0, "-0"],
  [Number.NEGATIVE_INFINITY, "-inf"],
])("%d with 17 digits is %s", (value, text) => {
  expect(preciseText(value)).toBe(text);
});

it("reads back the same", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Number(doubleText(value))).toBe(value);
      expect(Number(preciseText(value))).toBe(value);
    }),
  );
});
