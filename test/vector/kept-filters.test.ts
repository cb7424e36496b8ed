/** Filters that the kernel keeps: which cross as a number, and when a copy goes. */
import { describe, expect, test } from "vitest";
import { Bitmap } from "../../src/base/bitmap.ts";
import { type FilterKeeper, KeptFilters } from "../../src/vector/kept-filters.ts";

class RememberingKeeper implements FilterKeeper {
  readonly kept = new Map<number, Uint32Array>();
  readonly log: string[] = [];
  #next = 1;

  keepFilter(words: Uint32Array): number {
    this.kept.set(this.#next, words.slice());
    this.#next += 1;
    return this.#next - 1;
  }

  dropFilter(filter: number): void {
    this.log.push(`drop ${filter}`);
    this.kept.delete(filter);
  }
}

function start(): { keeper: RememberingKeeper; filters: KeptFilters } {
  const keeper = new RememberingKeeper();
  return { keeper, filters: new KeptFilters(keeper, () => keeper.log.push("send")) };
}

function bitmapOf(...ids: number[]): Bitmap {
  const bitmap = new Bitmap(0);
  for (const id of ids) bitmap.add(id);
  return bitmap;
}

describe("a filter", () => {
  test("goes along once, and is a number from then on", () => {
    const { keeper, filters } = start();
    const bitmap = bitmapOf(1, 70);
    expect(filters.numberOf(bitmap)).toBe(0);
    expect(keeper.kept.size).toBe(0);
    expect([filters.numberOf(bitmap), filters.numberOf(bitmap)]).toEqual([1, 1]);
    expect(keeper.kept.get(1)).toEqual(bitmap.words);
  });

  const changes: [string, (bitmap: Bitmap) => unknown][] = [
    ["added to", (bitmap) => bitmap.add(5)],
    ["taken from", (bitmap) => bitmap.remove(1)],
    ["united", (bitmap) => bitmap.unite(bitmapOf(9))],
    ["intersected", (bitmap) => bitmap.intersect(bitmapOf(1))],
    ["subtracted from", (bitmap) => bitmap.subtract(bitmapOf(1))],
  ];
  test.each(changes)("that is %s goes along anew, once what is staged has left", (_, change) => {
    const { keeper, filters } = start();
    const bitmap = bitmapOf(1, 2, 3);
    filters.numberOf(bitmap);
    filters.numberOf(bitmap);
    change(bitmap);
    expect(filters.numberOf(bitmap)).toBe(0);
    expect(keeper.log).toEqual(["send", "drop 1"]);
    expect(filters.numberOf(bitmap)).toBe(2);
    expect(keeper.kept.get(2)).toEqual(bitmap.words);
  });

  test("that nobody asks for any more makes room for others", () => {
    const { keeper, filters } = start();
    const first = bitmapOf(1);
    filters.numberOf(first);
    filters.numberOf(first);
    for (let other = 0; other < 200; other += 1) {
      const bitmap = bitmapOf(other);
      filters.numberOf(bitmap);
      filters.numberOf(bitmap);
    }
    expect(keeper.kept.size).toBeLessThanOrEqual(64);
    expect(filters.numberOf(first)).toBe(0);
  });
});
