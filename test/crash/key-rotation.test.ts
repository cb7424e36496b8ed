/**
 * H1 with keys in its small form, and shown to find what it is for: records that are sealed with a
 * key before the ring that holds it is durable.
 */
import { expect, test } from "vitest";
import { reportLine } from "../support/harness-report.ts";
import { KEY_KILLS, runKeyRotationHarness, seed } from "./key-rotation-harness.ts";

test(`${KEY_KILLS} kills under rotations lose nothing (seed ${seed})`, async () => {
  const report = await runKeyRotationHarness({ seed, killCount: KEY_KILLS });
  console.log(reportLine(report));
  expect(report.failures).toEqual([]);
  expect(report.figures["rotations"]).toBeGreaterThan(KEY_KILLS);
  expect(report.figures["acknowledged"]).toBeGreaterThan(KEY_KILLS);
});

test(`finds the planted bug of a key before its ring (seed ${seed})`, async () => {
  const planted = "planted.key-before-ring=on";
  const report = await runKeyRotationHarness({ seed: seed + 1, killCount: 40, planted });
  expect(report.failures.join()).toContain("is not in the key ring");
});
