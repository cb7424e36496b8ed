/**
 * `npm run reliability`: every harness, each in a process of its own, so that one that dies or
 * hangs is one red line and no end of the others. One line of JSON for each as soon as it is done,
 * a table at the end, exit code 1 if any is red. What harnesses print besides goes to standard
 * error.
 */
import { type HarnessReport, reportLine } from "../support/harness-report.ts";
import { harnesses } from "./harnesses.ts";
import { parseOptions, type RunOptions, usage } from "./options.ts";
import { runHarness } from "./runner.ts";
import { table } from "./table.ts";

const BAD_USAGE = 2;

async function runAll(options: RunOptions): Promise<boolean> {
  const reports: HarnessReport[] = [];
  for (const harness of harnesses) {
    if (options.only !== undefined && !options.only.includes(harness.name)) continue;
    const startedAt = performance.now();
    const report = await runHarness(harness, options);
    const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
    const timed = { ...report, figures: { ...report.figures, seconds } };
    reports.push(timed);
    console.log(reportLine(timed));
  }
  console.log(`\n${table(reports)}`);
  return reports.every(({ failures }) => failures.length === 0);
}

const options = parseOptions(
  process.argv.slice(2),
  harnesses.map(({ name }) => name),
);
if (options === "help") console.log(usage(harnesses.map(({ name }) => name)));
else if (typeof options === "string") {
  console.error(`reliability: ${options}`);
  process.exitCode = BAD_USAGE;
} else {
  process.exitCode = (await runAll(options)) ? 0 : 1;
}
