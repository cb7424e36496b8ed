/**
 * H13 in its small form, and shown to find what it is for: a connection that is never let go of,
 * memory that grows, and a folder that says something else than the server.
 */
import { afterAll, expect, test } from "vitest";
import { reportLine } from "../support/harness-report.ts";
import { removeArenas } from "./arena.ts";
import { runSoakHarness, SECONDS, seed } from "./soak-harness.ts";

/** For the time limit of a long run: calibration, and what is compared behind each round. */
const MS_PER_SECOND = 3000;

afterAll(removeArenas);

test(`a server stays the same for ${SECONDS} seconds (seed ${seed})`, {
  timeout: Math.max(900_000, SECONDS * MS_PER_SECOND),
}, async () => {
  const report = await runSoakHarness({ seed, seconds: SECONDS });
  console.log(reportLine(report));
  expect(report.failures).toEqual([]);
  expect(report.figures["operations"]).toBeGreaterThan(SECONDS);
});

test.each([
  ["connection", /descriptors: \d+ at first, \d+ at last/],
  ["growth", /memory: [\d.]+ % more/],
] as const)(`finds a planted %s (seed ${seed})`, async (planted, expected) => {
  const report = await runSoakHarness({ seed, seconds: 1, planted });
  expect(report.failures.join("\n")).toMatch(expected);
});

test(`finds a key that only a fresh server has (seed ${seed})`, async () => {
  const report = await runSoakHarness({ seed, seconds: 1, planted: "key" });
  expect(report.failures.join("\n")).toMatch(/round 0: digests \w+ and \w+/);
});
