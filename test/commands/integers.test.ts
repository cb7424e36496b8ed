/**
 * 64-bit integers and the arguments made of them, at the edges.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ErrorReply, errors } from "../../src/base/errors.ts";
import { fitsInt64, INT64_MAX, INT64_MIN, parseInt64 } from "../../src/base/int64.ts";
import { addTo } from "../../src/commands/integer-addition.ts";
import { parseClampedInteger, parseInteger } from "../../src/commands/integer-argument.ts";

const notIntegers = [
  ..."+1 -0 00 01 -01 1.0 1e3 0x1 - -- abc 1a a1 9223372036854775808 -9223372036854775809".split(
    " ",
  ),
  ...["", " 1", "1 ", "1\n", "1\x00", "\xb9", "9".repeat(400), Buffer.alloc(600, "1")],
];

describe("integers in text", () => {
  it("are what 64 bits hold", () => {
    const int64 = fc.bigInt({ min: INT64_MIN, max: INT64_MAX });
    fc.assert(
      fc.property(int64, (value) => {
        const text = String(value);
        expect(parseInt64(text)).toBe(value);
        const isSafe = Number.isSafeInteger(Number(value));
        expect(parseInteger(text)).toBe(isSafe ? Number(value) : undefined);
        const limit = value < 0n ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;
        expect(parseClampedInteger(text)).toBe(isSafe ? Number(value) : limit);
      }),
    );
    expect(parseInt64("9223372036854775807")).toBe(INT64_MAX);
    expect(parseInt64("-9223372036854775808")).toBe(INT64_MIN);
    expect(parseInteger("9007199254740991")).toBe(Number.MAX_SAFE_INTEGER);
    expect(parseInteger("9007199254740992")).toBeUndefined();
    expect(parseInteger("-9007199254740991")).toBe(Number.MIN_SAFE_INTEGER);
    expect(Object.is(parseInteger("0"), 0)).toBe(true);
  });

  it.each(notIntegers)("are not %j", (text) => {
    expect(parseInt64(text)).toBeUndefined();
    expect(parseInteger(text)).toBeUndefined();
    expect(parseClampedInteger(text)).toBeUndefined();
  });
});

describe("additions to stored integers", () => {
  it("are exact in 64 bits and refused beyond", () => {
    const near = fc.oneof(
      fc.bigInt({ min: INT64_MIN, max: INT64_MAX }),
      fc.bigInt({ min: INT64_MAX - 9n, max: INT64_MAX }),
      fc.bigInt({ min: INT64_MIN, max: INT64_MIN + 9n }),
      fc.bigInt({ min: 2n ** 53n - 9n, max: 2n ** 53n + 9n }),
      fc.bigInt({ min: -9n, max: 9n }),
    );
    fc.assert(
      fc.property(near, near, (left, right) => {
        const sum = addTo(String(left), right);
        if (!fitsInt64(left + right)) expect(sum).toBe(errors.incrementOverflow);
        else if (sum instanceof ErrorReply) expect.fail(sum.text);
        else expect(BigInt(sum)).toBe(left + right);
      }),
      { numRuns: 2000 },
    );
    expect(addTo("1.5", 1n)).toBe(errors.notAnInteger);
    expect(addTo(Buffer.alloc(600, "1"), 1n)).toBe(errors.notAnInteger);
  });
});
