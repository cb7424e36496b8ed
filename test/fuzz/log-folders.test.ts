/**
 * Folders of the log that were changed behind their checksums, with the small numbers (H7).
 */
import { expect, test } from "vitest";
import { CHAIN_START, readHeader } from "../../src/log/record-format.ts";
import { RecordReader } from "../../src/log/record-reader.ts";
import { reportLine } from "../support/harness-report.ts";
import { seal } from "../support/log-records.ts";
import { fuzzLogFolders } from "./log-folder-harness.ts";
import { fuzzSealedFolders } from "./sealed-folder-harness.ts";

test("folders that were changed, checksums and all, are refused, or served", async () => {
  const report = await fuzzLogFolders();
  console.log(reportLine(report));
  expect(report.failures).toEqual([]);
  expect(report.figures["served"]).toBeGreaterThan(20);
  expect(report.figures["refused"]).toBeGreaterThan(100);
});

test("encrypted folders that were changed never serve another state", async () => {
  const report = await fuzzSealedFolders();
  console.log(reportLine(report));
  expect(report.failures).toEqual([]);
  expect(report.figures["refused"]).toBeGreaterThan(20);
  expect(report.figures["served"]).toBeGreaterThan(20);
});

test("a record whose epoch nobody could count on from is damage, and ends no start later", () => {
  const payload = Buffer.alloc(0);
  const epoch = Number.MAX_SAFE_INTEGER - 1;
  const claim = seal({ sequence: 1, previous: CHAIN_START, payload, epoch });
  expect(new RecordReader().accept(claim, "f", 0)).toMatchObject({ epoch });
  const above = seal({ sequence: 1, previous: CHAIN_START, payload, epoch: epoch + 1 });
  expect(readHeader(above, 0)).toBe("a count is above its limit");
  expect(() => new RecordReader().accept(above, "f", 0)).toThrow("a count is above its limit");
});
