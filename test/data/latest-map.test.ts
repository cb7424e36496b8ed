/**
 * What was used latest stays, and never more than the bound.
 */
import { expect, test } from "vitest";
import { LatestMap } from "../../src/data/latest-map.ts";

test("what was not used for longest goes first", () => {
  const map = new LatestMap<number>(3);
  for (const [name, value] of [
    ["a", 1],
    ["b", 2],
    ["c", 3],
  ] as const) {
    map.add(name, value);
  }
  expect(map.get("a")).toBe(1);
  map.add("d", 4);
  expect(map.get("b")).toBeUndefined();
  expect([map.get("a"), map.get("c"), map.get("d")]).toEqual([1, 3, 4]);
});

test("holds nothing once it was cleared", () => {
  const map = new LatestMap<number>(3);
  map.add("a", 1);
  map.clear();
  expect(map.get("a")).toBeUndefined();
});
