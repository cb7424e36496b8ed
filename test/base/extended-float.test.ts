/**
 * Sums in extended precision against a table recorded from INCRBYFLOAT of redis-server 7.0.15 on
 * x86-64, and properties that the table cannot show.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addExtended, extendedText, parseExtended } from "../../src/base/extended-float.ts";

/** The value, the increment, and what redis-server answered. */
const recorded: readonly (readonly [string, string, string])[] = [
  ["0", "0.1", "0.1"],
  ["0.1", "0.2", "0.3"],
  ["3.0", "1.1", "4.1"],
  ["10.50", "0.1", "10.6"],
  ["1e5", "-2.5e-3", "99999.99750000000000227"],
  ["5.0e3", "200", "5200"],
  ["1.17", "0.000000000000000001", "1.17"],
  ["123456789012345678", "0.1", "123456789012345678.1015625"],
  ["9007199254740993", "1", "9007199254740994"],
  ["18446744073709551615", "1", "18446744073709551616"],
  ["1e17", "0.5", "100000000000000000.5"],
  ["1e20", "1", "100000000000000000000"],
  ["1e30", "1", "1000000000000000000024696061952"],
  ["-0.1", "0.1", "0"],
  ["0", "-0.0", "0"],
  ["-1", "0.9", "-0.1"],
  ["1e-5", "1e-5", "0.00002"],
  ["1e-17", "0", "0.00000000000000001"],
  ["4e-18", "0", "0"],
  ["5e-18", "0", "0"],
  ["6e-18", "0", "0.00000000000000001"],
  ["0.333333333333333333333", "0.666666666666666666666", "1"],
  [
    "1e300",
    "1e300",
    "2000000000000000000017994648159118387741047888546581495876520164642531293192361871511698304167500994380700745017228549671807185112369345967826192521041497292574654271283687306588168510215212033579453305864740061102765895241989080589545563779241212358535223254194821301134374772211380178849830208012288",
  ],
  ["1e4932", "1e4932", "infinite"],
  ["1.1e4932", "0.1e4932", "infinite"],
  ["inf", "1", "infinite"],
  ["-inf", "1", "infinite"],
  ["infinity", "1", "infinite"],
  ["nan", "1", "not a float"],
  ["1", "nan", "not a float"],
  ["1", "inf", "infinite"],
  ["", "1", "not a float"],
  [" 1", "1", "not a float"],
  ["1 ", "1", "not a float"],
  ["+1", "1", "2"],
  ["1.", "1", "2"],
  [".5", "1", "1.5"],
  [".", "1", "not a float"],
  ["1e", "1", "not a float"],
  ["1e+2", "1", "101"],
  ["1e-2", "1", "1.01"],
  ["--1", "1", "not a float"],
  ["1,5", "1", "not a float"],
  ["1_0", "1", "not a float"],
  ["007", "1", "8"],
  ["1e5000", "1", "not a float"],
  ["1e-5000", "1", "not a float"],
  [
    "99999999999999999999999999999999999999999999",
    "1",
    "100000000000000000001038625398088182045605888",
  ],
  ["0.1000000000000000055511151231257827", "0", "0.10000000000000001"],
  [
    "2.718281828459045235360287471352662497757",
    "3.14159265358979323846264338327950288",
    "5.85987448204883847",
  ],
  ["1e99999999", "1", "not a float"],
  ["1e17", "1e-17", "100000000000000000"],
  ["65504.5", "65504.25", "131008.75"],
  ["16777217.1", "-16777217", "0.1000000000003638"],
  ["1.0000000000000000001", "0", "1"],
  ["0.00000000000000000049", "0.5", "0.5"],
  ["1e18", "0.00000001", "1000000000000000000"],
  ["-1e-18", "0", "0"],
  ["-1e-17", "0", "-0.00000000000000001"],
];

function sum(left: string, right: string): string {
  const a = parseExtended(left);
  const b = parseExtended(right);
  if (a === undefined || b === undefined) return "not a float";
  if (a === "infinite" || b === "infinite") return "infinite";
  const added = addExtended(a, b);
  return added === "infinite" ? "infinite" : extendedText(added);
}

describe("extended floats", () => {
  it.each(recorded)("%s + %s is %s", (left, right, expected) => {
    expect(sum(left, right)).toBe(expected);
  });

  it("add 64-bit integers exactly as long as the sum has 64 bits", () => {
    const half = fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n });
    fc.assert(
      fc.property(half, half, (left, right) => {
        expect(sum(String(left), String(right))).toBe(String(left + right));
      }),
    );
  });

  it("read back what they print, up to 17 digits behind the point", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const once = sum(value.toString(), "0");
        expect(once).toMatch(/^-?(0|[1-9]\d*)(\.\d*[1-9])?$/);
        expect(once).not.toBe("-0");
        expect(sum(once, "0")).toBe(once);
      }),
    );
  });

  it("refuse hexadecimal floats, and long texts before any arithmetic", () => {
    for (const text of ["0x10", "0x1p3", "9".repeat(5120), `1e${"9".repeat(300)}`]) {
      expect(parseExtended(text)).toBeUndefined();
    }
    expect(sum("1".padStart(5119, "0"), "1")).toBe("2");
  });
});
