/**
 * What `npm run compat` understands of the suites' output and of departures.md, and when it fails.
 */
import { beforeAll, describe, expect, it, vi } from "vitest";
import { parseDepartures, readDepartures } from "../../bench/compat/departures.ts";
import { parsePytestOutput } from "../../bench/compat/redis-py.ts";
import { parseTclOutput } from "../../bench/compat/redis-tcl.ts";
import { isWithinDepartures, Report } from "../../bench/compat/report.ts";

const row = (file: string, test: string, why: string) => `| ${file} | \`${test}\` | ${why} |`;
const page = [
  "# Departures",
  "",
  "## Suite",
  "",
  "| file | test | why |",
  "| --- | --- | --- |",
  row("unit/a", "one \\| two", "a reason"),
  row("unit/a", "ends all", "not run: it waits for ever"),
  "",
  "## Other",
  "",
  row("unit/b", "three", "another"),
].join("\n");

const plainRow = { file: "unit/a", isNotRun: false, isNotThere: false };

describe("departures.md", () => {
  it("is read by section, with bars inside of names", () => {
    expect(parseDepartures(page, "Suite")).toEqual([
      { ...plainRow, test: "one | two", why: "a reason" },
      { ...plainRow, test: "ends all", why: "not run: it waits for ever", isNotRun: true },
    ]);
    expect(() => parseDepartures(page, "Nothing")).toThrow("no section");
    expect(() => parseDepartures(`${page}\n| unit/b | three | why |`, "Other")).toThrow(
      "not a row",
    );
  });

  it("has well-formed sections for every suite", async () => {
    for (const section of ["Redis's own suite", "redis-py's suite", "ioredis's suite"]) {
      const rows = await readDepartures(section);
      const names = rows.map(({ file, test }) => `${file}: ${test}`);
      expect(new Set(names).size, section).toBe(names.length);
    }
  });
});

describe("the Tcl suite's output", () => {
  const text = [
    "[ready]: 1",
    "\u001b[1;37;49mTesting unit/a\u001b[0m",
    "[\u001b[0;32;49mok\u001b[0m]: SET and GET (12 ms)",
    "[\u001b[0;36;49mignore\u001b[0m]: big one: large memory flag not provided",
    "[err]: it breaks in tests/unit/a.tcl",
    "Expected '1' to be equal to '2'",
    "[ok]: after (0 ms)",
    "[1/1 done]: unit/a (4 seconds)",
    "                   The End",
    "*** [err]: it breaks in tests/unit/a.tcl",
  ];

  it("gives names and details, each once", () => {
    expect(parseTclOutput("unit/a", text.join("\n"))).toEqual({
      passed: ["SET and GET", "after"],
      failed: [{ name: "it breaks", details: "Expected '1' to be equal to '2'\n" }],
      skippedCount: 1,
      aborted: [],
      isComplete: true,
    });
  });

  it("knows a block that ended early, and a file", () => {
    const early = ["[ok]: first (1 ms)", "[err]: unknown command 'x'", "while executing"];
    const parsed = parseTclOutput("unit/a", early.join("\n"));
    expect(parsed).toMatchObject({ passed: ["first"], failed: [], isComplete: false });
    expect(parsed.aborted).toEqual(["a block ended early: unknown command 'x'"]);
    const dead = parseTclOutput("unit/a", "[exception]: Executing test client: no.\n");
    expect(dead.aborted).toEqual(["Executing test client: no."]);
  });
});

it("reads pytest's lines, and lets a failure afterwards win", () => {
  const text = [
    "tests/t.py::A::test_one PASSED                                   [ 20%]",
    "tests/t.py::A::test_two[a b] FAILED                              [ 40%]",
    "tests/t.py::A::test_three SKIPPED (version)",
    "tests/t.py::A::test_four PASSED                                  [ 80%]",
    "tests/t.py::A::test_four ERROR                                   [ 80%]",
    "FAILED tests/t.py::A::test_one_not - never seen above",
  ].join("\n");
  const parsed = parsePytestOutput("tests/t.py", text);
  expect(parsed.passed).toEqual(["A::test_one"]);
  expect(parsed.failed.map(({ name }) => name)).toEqual([
    "A::test_two[a b]",
    "A::test_four",
    "A::test_one_not",
  ]);
  expect(parsed.skippedCount).toBe(1);
});

describe("the judgement", () => {
  // Invented failures among a run's output are taken for its own.
  beforeAll(() => {
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    return () => log.mockRestore();
  });

  const departures = parseDepartures(page, "Suite");
  const passing = Array.from({ length: 98 }, (_, index) => `test ${index}`);
  const result = (
    passed: readonly string[],
    failed: readonly string[],
    aborted: string[] = [],
  ) => ({
    file: "unit/a",
    passed,
    failed: failed.map((name) => ({ name, details: "" })),
    skippedCount: 1,
    aborted,
    durationSeconds: 1,
  });
  const judge = (...results: ReturnType<typeof result>[]) => {
    const report = new Report(departures, false);
    for (const each of results) report.add(each);
    return report.summary(true);
  };

  it("is good when all failures are listed and few", () => {
    const summary = judge(result(passing, ["one | two"]));
    expect(isWithinDepartures(summary)).toBe(true);
    // The one that was not run counts as failed.
    expect(summary).toMatchObject({ passedCount: 98, failedCount: 2 });
  });

  it("is bad for an unlisted failure, an abort, too many departures, or no test at all", () => {
    expect(isWithinDepartures(judge(result(passing, ["other"])))).toBe(false);
    expect(isWithinDepartures(judge(result(passing, [], ["it broke"])))).toBe(false);
    expect(isWithinDepartures(judge(result(passing.slice(0, 50), ["one | two"])))).toBe(false);
    expect(isWithinDepartures(judge())).toBe(false);
  });

  it("takes what is not there yet for skipped, also where it ends a block", () => {
    const text = `${page}\n## More\n${row("unit/a", "/^acl \\w+$/", "not there: users")}\n`;
    const report = new Report(parseDepartures(text, "More"), false);
    report.add(result(passing, ["acl list"], ["acl hook"]));
    expect(isWithinDepartures(report.summary(true))).toBe(true);
    report.add(result([], ["acl list more"]));
    expect(isWithinDepartures(report.summary(true))).toBe(false);
  });

  it("tells of tests that pass though they are listed", () => {
    const summary = judge(result([...passing, "one | two"], []));
    expect(summary.text).toContain("listed, but passes: unit/a: one | two");
    expect(isWithinDepartures(summary)).toBe(true);
  });
});
