/**
 * Files and payloads that were changed behind their checksums, with the small numbers (H7).
 */
import { expect, test } from "vitest";
import { reportLine } from "../support/harness-report.ts";
import { fuzzGraphFiles } from "./graph-file-harness.ts";
import { fuzzPayloads } from "./payload-harness.ts";
import { fuzzRdbFiles } from "./rdb-file-harness.ts";
import { fuzzSnapshots } from "./snapshot-harness.ts";

test("files of indexes that were changed, checksums and all, do no harm", async () => {
  const report = await fuzzGraphFiles();
  console.log(reportLine(report));
  expect(report.failures).toEqual([]);
  expect(report.figures["rebuilt"]).toBeGreaterThan(50);
});

test("files of Redis's format that were changed are refused whole, or imported whole", async () => {
  const report = await fuzzRdbFiles();
  console.log(reportLine(report));
  expect(report.failures).toEqual([]);
  expect(report.figures["refused"]).toBeGreaterThan(100);
  expect(report.figures["imported"]).toBeGreaterThan(100);
});

test("payloads of RESTORE that were changed are refused, or values as sound as any", async () => {
  const report = await fuzzPayloads();
  console.log(reportLine(report));
  expect(report.failures).toEqual([]);
  expect(report.figures["refused"]).toBeGreaterThan(100);
  expect(report.figures["read"]).toBeGreaterThan(100);
});

test("snapshots that were changed, checksums and all, are refused, or sound", async () => {
  const report = await fuzzSnapshots();
  console.log(reportLine(report));
  expect(report.failures).toEqual([]);
  for (const name of ["refused", "sound", "started", "startedFromLog"]) {
    expect(report.figures[name], name).toBeGreaterThan(5);
  }
});
