/**
 * H3 with the numbers of CI, and that it can fail.
 */
import { expect, test } from "vitest";
import { reportLine } from "../support/harness-report.ts";
import { simulate } from "./simulation.ts";
import { simulateSeeds } from "./simulation-harness.ts";

test("one node in a fake world keeps what it told, whatever happens to it", async () => {
  const report = await simulateSeeds();
  console.log(reportLine(report));
  expect(report.failures).toEqual([]);
});

test("a seed gives the same trace again, and another one another", async () => {
  const one = await simulate({ seed: 7, operations: 300 });
  const again = await simulate({ seed: 7, operations: 300, isJudged: false });
  const other = await simulate({ seed: 8, operations: 300, isJudged: false });
  expect(again.digest).toBe(one.digest);
  expect(other.digest).not.toBe(one.digest);
});
