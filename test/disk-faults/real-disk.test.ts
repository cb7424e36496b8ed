/**
 * H2 on real disks, where strace and the right to mount are there.
 */
import { expect, test } from "vitest";
import { reportLine } from "../support/harness-report.ts";
import { findRequirement } from "../support/requirement.ts";
import { runFullDisk, runRealFaults } from "./real-harness.ts";

const strace = findRequirement("strace");
const tmpfs = findRequirement("tmpfs");

test.skipIf(strace === undefined)("a call that fails ends the server at once", async () => {
  const report = await runRealFaults();
  console.log(reportLine(report));
  expect(report.failures).toEqual([]);
});

test.skipIf(strace === undefined)("finds the planted bug of a failed write", async () => {
  const report = await runRealFaults("planted.ignore-failed-write=on");
  expect(report.failures).not.toEqual([]);
});

test.skipIf(tmpfs === undefined)("a full disk refuses writes until there is room", async () => {
  const report = await runFullDisk();
  console.log(reportLine(report));
  expect(report.failures).toEqual([]);
});
