/**
 * `npm run compat -- <suite> --suite DIR`: runs a public suite, from the caller's own checkout,
 * against a server of ours, and holds what fails against `test/compat/departures.md`.
 */
import { parseArgs } from "node:util";
import { readDepartures } from "./departures.ts";
import { ioredisSuite } from "./ioredis.ts";
import { redisPySuite } from "./redis-py.ts";
import { redisTclSuite } from "./redis-tcl.ts";
import { isWithinDepartures, Report } from "./report.ts";
import type { Suite } from "./suite.ts";

const suites: readonly Suite[] = [redisTclSuite, redisPySuite, ioredisSuite];

const usage = `npm run compat -- <suite> --suite DIR [options]

${suites.map(({ name, about }) => `  ${name.padEnd(12)}${about}`).join("\n")}

  --suite DIR        a checkout of the suite
  --only TEXT        only files whose name contains TEXT
  --log file|memory  where our server keeps its log (memory)
  --slow             also tests that the suite itself calls slow
  --python FILE      redis-py: a python that has the client and pytest (python3)
  --verbose          also what the suite says of each failure

Exit code 0: whatever fails is listed in test/compat/departures.md, and that is at most 3 % of what
can be run.
`;

export async function runCompat(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: "boolean", default: false },
      suite: { type: "string", default: "" },
      only: { type: "string", default: "" },
      log: { type: "string", default: "memory" },
      slow: { type: "boolean", default: false },
      python: { type: "string", default: "python3" },
      verbose: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const suite = suites.find(({ name }) => name === positionals[0]);
  const { log } = values;
  const isComplete = positionals.length === 1 && values.suite !== "";
  if (suite === undefined || !isComplete || (log !== "file" && log !== "memory")) {
    console.error(usage);
    return 2;
  }
  const departures = await readDepartures(suite.section);
  const report = new Report(departures, values.verbose);
  const options = {
    folder: values.suite,
    log,
    isSlowIncluded: values.slow,
    python: values.python,
    notRun: (file: string) => departures.filter((row) => row.file === file && row.isNotRun),
  } as const;
  for (const file of suite.files) {
    if (!file.includes(values.only)) continue;
    report.add(await suite.run(file, options));
  }
  const summary = report.summary(values.only === "");
  console.log(summary.text);
  return isWithinDepartures(summary) ? 0 : 1;
}

process.exitCode = await runCompat(process.argv.slice(2));
