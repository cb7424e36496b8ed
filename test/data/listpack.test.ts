/**
 * The listpack against a plain array, and its bytes against those that Redis 7 writes.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bytesOf,
  countOf,
  EMPTY_LISTPACK,
  endAt,
  entryBytes,
  FIRST_AT,
  findFrom,
  integerAt,
  isEnd,
  type Listpack,
  nextAt,
  packed,
  previousAt,
  seek,
  splice,
  valueAt,
  valueBytesAt,
  valuesOf,
} from "../../src/data/listpack.ts";

const edges = [0, 1, 127, 128, -1, 4095, 4096, -4096, -4097, 32767, 32768, -32768, -32769];
const moreEdges = [8388607, 8388608, -8388608, -8388609, 2 ** 31 - 1, 2 ** 31, -(2 ** 31)];
const texts = [...edges, ...moreEdges, 2 ** 53, -(2 ** 31) - 1].map(String);
const value = fc.oneof(
  fc.constantFrom(
    ...texts,
    ..."9223372036854775807 -9223372036854775808 9223372036854775808 -0 007 - 1.5".split(" "),
    "",
    "\x00\xff",
  ),
  fc.string({ unit: fc.constantFrom("a", "\xff", "0"), maxLength: 70 }),
  fc.constantFrom("x".repeat(63), "x".repeat(64), "y".repeat(4095), "y".repeat(4096)),
);
const step = fc.record({
  at: fc.nat(),
  removed: fc.nat({ max: 3 }),
  added: fc.array(value, { maxLength: 4 }),
});

function check(pack: Listpack, model: readonly string[]): void {
  expect([...valuesOf(pack)]).toEqual(model);
  expect(countOf(pack)).toBe(model.length);
  const bytes = Buffer.from(bytesOf(pack));
  let at = endAt(bytes);
  expect(isEnd(bytes, at)).toBe(true);
  for (let index = model.length - 1; index >= 0; index -= 1) {
    at = previousAt(bytes, at);
    expect(valueAt(bytes, at)).toBe(model[index]);
    expect(valueBytesAt(bytes, at)).toBe(model[index].length);
    expect(nextAt(bytes, at) - at).toBe(entryBytes(model[index]));
  }
  expect(previousAt(bytes, at)).toBe(-1);
}

describe("a listpack", () => {
  it("does what an array does", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let pack = EMPTY_LISTPACK;
        const model: string[] = [];
        for (const { at, removed, added } of steps) {
          const index = at % (model.length + 1);
          const count = Math.min(removed, model.length - index);
          const place = index === model.length ? endAt(bytesOf(pack)) : seek(pack, index);
          pack = splice(pack, place, count, added);
          model.splice(index, count, ...added);
        }
        check(pack, model);
      }),
    );
  });

  it("finds the first equal entry at a stride", () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), fc.nat(), (values, pick) => {
        const pack = packed(values);
        const wanted = values[pick % values.length];
        const index = values.indexOf(wanted);
        expect(findFrom(bytesOf(pack), FIRST_AT, wanted, 1)).toBe(seek(pack, index));
        const even = values.findIndex((other, at) => at % 2 === 0 && other === wanted);
        if (values.length % 2 !== 0) return;
        expect(findFrom(bytesOf(pack), FIRST_AT, wanted, 2)).toBe(even < 0 ? -1 : seek(pack, even));
      }),
    );
  });

  it("holds integers as integers", () => {
    for (const text of texts) {
      const bytes = Buffer.from(bytesOf(packed([text])));
      const number = Number(text);
      expect(integerAt(bytes, FIRST_AT)).toBe(Number.isSafeInteger(number) ? number : undefined);
    }
    expect(integerAt(bytesOf(packed(["007"])), FIRST_AT)).toBeUndefined();
  });

  it("has the bytes that Redis writes", () => {
    const pack = packed(["a", "5", "-1", "300", "70000", "x".repeat(64)]);
    const hex = Buffer.from(bytesOf(pack)).subarray(0, bytesOf(pack).readUInt32LE(0));
    expect(hex.toString("hex")).toBe(
      "5a000000060081610205" +
        "01" +
        "dfff02" +
        "c12c02" +
        "f270110104" +
        `e040${"78".repeat(64)}42ff`,
    );
  });
});
