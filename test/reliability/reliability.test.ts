/**
 * `npm run reliability`: what it is told, what it makes of a harness that is red, dies or hangs,
 * and what it prints.
 */
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type HarnessReport, reportLine } from "../support/harness-report.ts";
import { harnesses } from "./harnesses.ts";
import { parseOptions, type RunOptions } from "./options.ts";
import { runHarness } from "./runner.ts";
import { table } from "./table.ts";

const program = fileURLToPath(new URL("./planted-harness.ts", import.meta.url));
const options: RunOptions = { only: undefined, seed: 7, isRelease: false };
const run = (name: string, how: Partial<RunOptions> = {}, timeLimitMs = 60_000) =>
  runHarness(
    { name, bar: { PLANTED_SIZE: "middling" }, release: { PLANTED_SIZE: "large" } },
    { ...options, ...how },
    { program, timeLimitMs },
  );

describe("options", () => {
  const names = ["H1", "H2", "H2 real"];

  test("select harnesses, all of one number by the number", () => {
    expect(parseOptions([], names)).toEqual({ ...options, seed: undefined });
    expect(parseOptions(["--only", "H2,H1", "--seed", "9"], names)).toEqual({
      only: ["H2", "H2 real", "H1"],
      seed: 9,
      isRelease: false,
    });
    expect(parseOptions(["--only", "H2 real", "--release"], names)).toMatchObject({
      only: ["H2 real"],
      isRelease: true,
    });
    expect(parseOptions(["--only", "H1", "--help"], names)).toBe("help");
  });

  test("say what is wrong with them", () => {
    expect(parseOptions(["--only", "H9"], names)).toMatch(/no harness H9: H1, H2, H2 real/);
    expect(parseOptions(["--seed"], names)).toMatch(/--seed needs a value/);
    expect(parseOptions(["--seed", "x"], names)).toMatch(/whole number/);
    expect(parseOptions(["--fast"], names)).toMatch(/no option --fast/);
  });
});

describe("a harness", () => {
  test("is green, or red, as its report says", async () => {
    expect(await run("green")).toMatchObject({ harness: "green", seed: 7, failures: [] });
    expect(await run("red")).toMatchObject({ failures: ["it is red"] });
  });

  test("gets the numbers of its bar, and the large ones for a release", async () => {
    expect((await run("green")).figures).toEqual({ size: "middling" });
    expect((await run("green", { isRelease: true })).figures).toEqual({ size: "large" });
  });

  test("that dies, says nothing or hangs is red", async () => {
    expect(await run("dies")).toMatchObject({ harness: "dies", failures: ["ended with SIGKILL"] });
    expect(await run("silent")).toMatchObject({ failures: ["ended with 0"] });
    expect(await run("late death")).toMatchObject({ failures: ["ended with 70"] });
    expect((await run("hangs", {}, 1000)).failures).toEqual(["hangs: no end in 1000 ms"]);
  });

  test("has a name of its own", () => {
    const names = harnesses.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

test("lines and the table tell green, red and left out apart", () => {
  const report: HarnessReport = {
    harness: "H1",
    title: "a title",
    seed: 3,
    figures: { kills: 30 },
    failures: [],
  };
  const red = { ...report, harness: "H2", failures: ["lost key 5"] };
  const leftOut = { ...report, harness: "H3", leftOut: "strace is not here" };
  const verdicts = [report, red, leftOut].map((each) => JSON.parse(reportLine(each)).isGreen);
  expect(verdicts).toEqual([true, false, false]);
  const text = table([report, red, leftOut]);
  expect(text).toMatch(/^H1 {2}green {5}a title {2}kills 30, seed 3$/m);
  expect(text).toMatch(/^H2 {2}RED {7}a title/m);
  expect(text).toMatch(/^H2: lost key 5$/m);
  expect(text).toMatch(/^H3 {2}left out {2}a title {2}strace is not here/m);
  expect(text).toMatch(/1 green, 1 red, 1 left out$/);
});
