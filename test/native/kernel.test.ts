/**
 * The vector kernel's own C++ tests, built here: as it is served, and with the sanitizers that see
 * what a test cannot: memory that is not the kernel's, and threads that race.
 */
import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { findRequirement } from "../support/requirement.ts";

const run = promisify(execFile);
const makefile = fileURLToPath(new URL("../../bench/kernel", import.meta.url));
const builds = fileURLToPath(new URL("../../node_modules/.cache/kernel", import.meta.url));
const seed = process.env["LODESTONE_SEED"] ?? String(Date.now() % 2 ** 31);
const sanitizers = findRequirement("sanitizers");

/** The names of the tests that ran; throws with what was printed when one fails. */
async function kernelTests(build: string, flags: string, only: string): Promise<string[]> {
  const out = `${builds}-${build}`;
  const jobs = `-j${availableParallelism()}`;
  await run("make", ["-s", "-C", makefile, jobs, `OUT=${out}`, `SANITIZE=${flags}`, "test"]);
  const { stdout } = await run(`${out}/kernel-test`, [only], {
    env: { ...process.env, LODESTONE_SEED: seed },
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(stdout).toContain("\n0 failed checks");
  return [...stdout.matchAll(/^ok (.*) \(/gm)].map(([, name]) => name);
}

test(`the kernel does what it says (seed ${seed})`, async () => {
  expect((await kernelTests("plain", "", "")).length).toBeGreaterThanOrEqual(24);
});

test.skipIf(sanitizers === undefined)(
  `the kernel touches no memory but its own (seed ${seed})`,
  async () => {
    const names = await kernelTests("address", "-fsanitize=address,undefined", "");
    expect(names.length).toBeGreaterThanOrEqual(24);
  },
);

test.skipIf(sanitizers === undefined)(
  `searches, building and writing do not race (seed ${seed})`,
  async () => {
    const names = await kernelTests("thread", "-fsanitize=thread", "several threads");
    expect(names).toHaveLength(4);
  },
);
