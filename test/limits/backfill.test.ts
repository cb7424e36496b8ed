/**
 * The limits of a backfill's slice, each reached: so much goes into one effect of the log, and what
 * is more goes into the next.
 */
import { expect, test } from "vitest";
import { limits } from "../../src/base/limits.ts";
import type { BackfillSlice } from "../../src/search/catalog.ts";
import { DrivenKeyspace, makeCatalog, numeric, schemaOf } from "../search/index-support.ts";

/** Counts of keys, slice by slice. */
function slicesOf(keyspace: DrivenKeyspace): number[] {
  const written: BackfillSlice[] = [];
  const { world } = makeCatalog(keyspace, (slice) => written.push(slice));
  keyspace.create("i", schemaOf([numeric("n")]));
  world.settle();
  return written.map(({ keys }) => keys.length);
}

test("backfillSliceKeysMax", () => {
  const keyspace = new DrivenKeyspace();
  for (let place = 0; place < limits.backfillSliceKeysMax; place += 1) {
    keyspace.hashSet(0, `${place}`, { n: "1" });
  }
  expect(slicesOf(keyspace)).toEqual([limits.backfillSliceKeysMax]);
  keyspace.hashSet(0, "more", { n: "1" });
  keyspace.drop("i");
  expect(slicesOf(keyspace)).toEqual([limits.backfillSliceKeysMax, 1]);
});

test("backfillSliceBytesMax", () => {
  const keyspace = new DrivenKeyspace();
  const half = "x".repeat(limits.backfillSliceBytesMax / 2);
  for (let place = 0; place < 4; place += 1) keyspace.hashSet(0, `${place}${half}`, { n: "1" });
  expect(slicesOf(keyspace)).toEqual([2, 2]);
  keyspace.drop("i");
  for (let place = 0; place < 4; place += 1)
    keyspace.hashSet(0, `${place}${half}`, { other: half });
  expect(slicesOf(keyspace)).toEqual([1, 1, 1, 1]);
});
