/**
 * H2 on the fake disk, and that it finds what it is there to find.
 */
import { expect, test } from "vitest";
import { reportLine } from "../support/harness-report.ts";
import { runDiskFaults, seed, sizes } from "./disk-harness.ts";

test(`a bad disk loses nothing that was acknowledged (seed ${seed})`, async () => {
  const report = await runDiskFaults(seed, sizes);
  console.log(reportLine(report));
  expect(report.failures).toEqual([]);
  const { flippedBits, flipsRefused, flipsCutAndReported } = report.figures;
  expect(Number(flipsRefused) + Number(flipsCutAndReported)).toBe(flippedBits);
});

test.each([
  "planted.skip-folder-sync",
  "planted.reply-before-durable",
  "planted.ignore-failed-write",
  "planted.skip-chain-check",
])(`finds %s (seed ${seed})`, async (name) => {
  const small = { calls: 40, bits: 1, seeds: 1 };
  const report = await runDiskFaults(seed, small, `${name}=on`);
  expect(report.failures).not.toEqual([]);
});
