/**
 * Redis's own suite in Tcl, version 7.2, in its external-server mode: the files about data types.
 *
 * Each file has a server of its own, so that what one leaves behind fails no other. `--durable`
 * keeps a failed test from ending its file; an error outside of a test still ends its block, which
 * the suite reports as a failure without a file's name, and we as an abort. "keyrange" is not a
 * file of 7.2: what there is about keys in general is in unit/keyspace.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { FailedTest, FileResult, Suite, SuiteOptions } from "./suite.ts";
import { outputOf, withServer } from "./suite-server.ts";

const FILE_TIMEOUT_MS = 900_000;
/** Seconds without progress after which the suite gives a file up. */
const TEST_TIMEOUT_SECONDS = 240;

const files = [
  "unit/keyspace",
  "unit/scan",
  "unit/expire",
  "unit/dump",
  "unit/type/string",
  "unit/type/incr",
  "unit/type/list",
  "unit/type/list-2",
  "unit/type/list-3",
  "unit/type/set",
  "unit/type/zset",
  "unit/type/hash",
  "unit/type/stream",
  "unit/type/stream-cgroups",
  "unit/sort",
  "unit/multi",
  "unit/bitops",
  "unit/bitfield",
  "unit/hyperloglog",
  "unit/geo",
];

export const redisTclSuite: Suite = {
  name: "redis-tcl",
  about: "Redis's own suite, in Tcl: a checkout of Redis 7.2 (needs tclsh)",
  section: "Redis's own suite",
  files,
  run: (file, options) => withServer(options.log, (port) => runFile(file, port, options)),
};

async function runFile(file: string, port: number, options: SuiteOptions): Promise<FileResult> {
  if (!existsSync(join(options.folder, "tests", `${file}.tcl`))) {
    throw new Error(`${options.folder} has no tests/${file}.tcl: is it a checkout of Redis 7.2?`);
  }
  const denied = options.isSlowIncluded ? "-needs:repl" : "-needs:repl -slow";
  const args = [
    ...["--host", "127.0.0.1", "--port", String(port), "--single", file, "--durable"],
    // For its own socket; two runs at one time would take each other's.
    ...["--baseport", String(10_000 + (port % 10_000))],
    ...["--timeout", String(TEST_TIMEOUT_SECONDS), "--tags", denied],
    ...options.notRun(file).flatMap(({ test }) => ["--skiptest", test]),
  ];
  const startedAt = performance.now();
  const output = await outputOf("./runtest", args, {
    folder: options.folder,
    timeoutMs: FILE_TIMEOUT_MS,
    environment: { TERM: "dumb" },
  });
  const durationSeconds = (performance.now() - startedAt) / 1000;
  const result = parseTclOutput(file, output.text);
  const aborted = [...result.aborted];
  if (output.isTimedOut) aborted.push("it did not end in time");
  else if (!result.isComplete) aborted.push(lastLineOf(output.text));
  return { ...result, file, aborted, durationSeconds };
}

export interface ParsedOutput {
  readonly passed: readonly string[];
  readonly failed: readonly FailedTest[];
  readonly skippedCount: number;
  readonly aborted: readonly string[];
  /** The suite came to the end of the file. */
  readonly isComplete: boolean;
}

const MARK = /^\[(ok|err|skip|ignore|exception|TIMEOUT|\d+\/\d+ done)\]: (.*)$/;

/** What `runtest --single` prints, from its first test to "The End". */
export function parseTclOutput(file: string, text: string): ParsedOutput {
  const passed: string[] = [];
  const failed: { name: string; details: string }[] = [];
  const aborted: string[] = [];
  let skippedCount = 0;
  let isComplete = false;
  let current: { name: string; details: string } | undefined;
  for (const line of stripVTControlCharacters(text).split("\n")) {
    if (line.includes("The End")) break;
    const match = MARK.exec(line);
    if (match === null) {
      if (current !== undefined) current.details += `${line}\n`;
      continue;
    }
    current = undefined;
    const [, mark, rest] = match;
    if (mark === "ok") passed.push(rest.replace(/ \(\d+ ms\)$/, ""));
    else if (mark === "skip" || mark === "ignore") skippedCount += 1;
    else if (mark === "err") {
      const suffix = ` in tests/${file}.tcl`;
      if (rest.endsWith(suffix)) {
        current = { name: rest.slice(0, -suffix.length), details: "" };
        failed.push(current);
      } else aborted.push(`a block ended early: ${rest}`);
    } else if (mark === "exception" || mark === "TIMEOUT") aborted.push(rest);
    else isComplete = true;
  }
  return { passed, failed, skippedCount, aborted, isComplete };
}

function lastLineOf(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
