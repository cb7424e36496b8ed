/**
 * Folders of the log that were changed behind their checksums, with the small numbers (H7).
 */
import { expect, test } from "vitest";
import { reportLine } from "../support/harness-report.ts";
import { fuzzLogFolders } from "./log-folder-harness.ts";

test("folders that were changed, checksums and all, are refused, or served", async () => {
  const report = await fuzzLogFolders();
  console.log(reportLine(report));
  expect(report.failures).toEqual([]);
  expect(report.figures["served"]).toBeGreaterThan(20);
  expect(report.figures["refused"]).toBeGreaterThan(100);
});
