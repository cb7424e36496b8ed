/**
 * redis-py's own command tests: pytest, over RESP3 as the client speaks it.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { FailedTest, FileResult, Suite, SuiteOptions } from "./suite.ts";
import { outputOf, withServer } from "./suite-server.ts";

const FILE_TIMEOUT_MS = 900_000;
const TEST_TIMEOUT_SECONDS = 30;

export const redisPySuite: Suite = {
  name: "redis-py",
  about: "redis-py's command tests: a checkout of redis-py (needs pytest, pytest-timeout)",
  section: "redis-py's suite",
  files: ["tests/test_commands.py", "tests/test_pipeline.py", "tests/test_encoding.py"],
  run: (file, options) => withServer(options.log, (port) => runFile(file, port, options)),
};

async function runFile(file: string, port: number, options: SuiteOptions): Promise<FileResult> {
  if (!existsSync(join(options.folder, file))) {
    throw new Error(`${options.folder} has no ${file}: is it a checkout of redis-py?`);
  }
  const args = [
    ...["-m", "pytest", file, "--redis-url", `redis://127.0.0.1:${port}`],
    // Longer traces take longer than the tests: the suite traces its memory.
    ...["-v", "-rfE", "--tb=line", "--color=no", "--timeout", String(TEST_TIMEOUT_SECONDS)],
    ...["-p", "no:cacheprovider"],
    ...options.notRun(file).flatMap(({ test }) => ["--deselect", `${file}::${test}`]),
  ];
  const startedAt = performance.now();
  const output = await outputOf(options.python, args, {
    folder: options.folder,
    timeoutMs: FILE_TIMEOUT_MS,
    environment: { COLUMNS: "1000" },
  });
  const durationSeconds = (performance.now() - startedAt) / 1000;
  const result = parsePytestOutput(file, output.text);
  const aborted: string[] = [];
  if (output.isTimedOut) aborted.push("it did not end in time");
  // 0: all passed, 1: some failed; anything else is no judgement.
  else if (output.exitCode !== 0 && output.exitCode !== 1) {
    aborted.push(`pytest ended with ${output.exitCode}: ${output.text.trim().slice(-500)}`);
  }
  return { ...result, file, aborted, durationSeconds };
}

const RESULT = /^(.+?) (PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)(?: .*)?$/;
const REASON = /^(?:FAILED|ERROR) (\S+?) - (.*)$/;

/** The lines of `pytest -v -rfE`. */
export function parsePytestOutput(
  file: string,
  text: string,
): Pick<FileResult, "passed" | "failed" | "skippedCount"> {
  const passed = new Set<string>();
  const failed = new Map<string, FailedTest>();
  let skippedCount = 0;
  const nameOf = (id: string) => id.slice(`${file}::`.length);
  for (const line of text.split("\n")) {
    const result = RESULT.exec(line.trimEnd());
    if (result?.[1].startsWith(`${file}::`)) {
      const [, id, verdict] = result;
      const name = nameOf(id);
      if (verdict === "PASSED" || verdict === "XPASS") passed.add(name);
      else if (verdict === "SKIPPED" || verdict === "XFAIL") skippedCount += 1;
      else failed.set(name, { name, details: "" });
      continue;
    }
    const reason = REASON.exec(line);
    if (reason === null) continue;
    const name = nameOf(reason[1]);
    failed.set(name, { name, details: reason[2] });
  }
  // A test may pass and fail in what comes after it.
  for (const name of failed.keys()) passed.delete(name);
  return { passed: [...passed], failed: [...failed.values()], skippedCount };
}
