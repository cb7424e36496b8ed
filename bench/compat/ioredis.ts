/**
 * ioredis's own functional tests of commands, transactions and scans: mocha.
 *
 * They connect to the default port. A file that mocha loads before them makes ours the default, so
 * that nothing has to be stopped that listens there.
 */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { FailedTest, FileResult, Suite, SuiteOptions } from "./suite.ts";
import { outputOf, type ProgramOutput, withServer } from "./suite-server.ts";

const FILE_TIMEOUT_MS = 900_000;

export const ioredisSuite: Suite = {
  name: "ioredis",
  about: "ioredis's command tests: a checkout of ioredis after `npm install`",
  section: "ioredis's suite",
  files: [
    "functional/commands",
    "functional/transaction.ts",
    "functional/watch-exec.ts",
    "functional/pipeline.ts",
    "functional/scan_stream.ts",
    "functional/hgetall.ts",
    "functional/string_numbers.ts",
    "functional/select.ts",
    "functional/blocking_timeout.ts",
  ],
  run: (file, options) => withServer(options.log, (port) => runFile(file, port, options)),
};

async function runFile(file: string, port: number, options: SuiteOptions): Promise<FileResult> {
  const folder = resolve(options.folder);
  const mocha = join(folder, "node_modules", ".bin", "mocha");
  if (!existsSync(join(folder, "test", file)) || !existsSync(mocha)) {
    throw new Error(`${folder} has no test/${file}, or no mocha: is it an installed ioredis?`);
  }
  const scratch = await mkdtemp(join(tmpdir(), "lodestone-ioredis-"));
  try {
    const setup = join(scratch, "default-port.cjs");
    const results = join(scratch, "results.json");
    await writeFile(setup, setupText(folder, port));
    const pattern = file.endsWith(".ts") ? file : `${file}/**/*.ts`;
    const args = [
      ...["--no-experimental-strip-types", "--require", "ts-node/register", "--require", setup],
      ...["--reporter", "json", "--reporter-option", `output=${results}`],
      ...["test/helpers/*.ts", `test/${pattern}`],
    ];
    const startedAt = performance.now();
    const output = await outputOf(mocha, args, {
      folder,
      timeoutMs: FILE_TIMEOUT_MS,
      environment: { TS_NODE_TRANSPILE_ONLY: "true", NODE_ENV: "test" },
    });
    const durationSeconds = (performance.now() - startedAt) / 1000;
    const result = await readResults(results, output);
    return { ...result, file, durationSeconds };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function setupText(folder: string, port: number): string {
  const options = JSON.stringify(join(folder, "lib", "redis", "RedisOptions"));
  return `require(${options}).DEFAULT_REDIS_OPTIONS.port = ${port};\n`;
}

interface MochaTest {
  readonly fullTitle: string;
  readonly err?: { readonly message?: string };
}

interface MochaResults {
  readonly passes: readonly MochaTest[];
  readonly failures: readonly MochaTest[];
  readonly pending: readonly MochaTest[];
}

async function readResults(
  path: string,
  output: ProgramOutput,
): Promise<Omit<FileResult, "file" | "durationSeconds">> {
  const passed: string[] = [];
  const failed: FailedTest[] = [];
  const aborted: string[] = [];
  if (output.isTimedOut || !existsSync(path)) {
    const why = output.isTimedOut ? "it did not end in time" : output.text.trim().slice(-500);
    return { passed, failed, aborted: [why], skippedCount: 0 };
  }
  const results: MochaResults = JSON.parse(await readFile(path, "utf8"));
  for (const { fullTitle, err } of results.failures) {
    // What fails outside of a test takes the rest of its block with it.
    if (/"(before|after) (each|all)" hook/.test(fullTitle)) aborted.push(fullTitle);
    else failed.push({ name: fullTitle, details: err?.message ?? "" });
  }
  for (const { fullTitle } of results.passes) passed.push(fullTitle);
  return { passed, failed, aborted, skippedCount: results.pending.length };
}
