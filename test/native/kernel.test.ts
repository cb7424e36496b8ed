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
const arm = findRequirement("arm-emulator");
/** Emulation is some forty times slower: what differs on that path, and one test with threads. */
const ARM_TESTS = ["every path", "agree with brute force", "searches on several threads"];

/** The program, made with these words for make. */
async function makeTests(build: string, ...words: string[]): Promise<string> {
  const out = `${builds}-${build}`;
  const jobs = `-j${availableParallelism()}`;
  await run("make", ["-s", "-C", makefile, jobs, `OUT=${out}`, ...words, "test"]);
  return `${out}/kernel-test`;
}

/** The names of the tests that ran; throws with what was printed when one fails. */
async function runTests(command: string, words: string[], environment = {}): Promise<string[]> {
  const { stdout } = await run(command, words, {
    env: { ...process.env, LODESTONE_SEED: seed, ...environment },
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(stdout).toContain("\n0 failed checks");
  return [...stdout.matchAll(/^ok (.*) \(/gm)].map(([, name]) => name);
}

async function kernelTests(build: string, flags: string, only: string): Promise<string[]> {
  return runTests(await makeTests(build, `SANITIZE=${flags}`), [only]);
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
    expect(names.length).toBeGreaterThanOrEqual(5);
  },
);

test.skipIf(arm === undefined)(`the same on an Arm processor's path (seed ${seed})`, async () => {
  const program = await makeTests("arm", "CXX=aarch64-linux-gnu-g++", "SANITIZE=-static");
  for (const name of ARM_TESTS) {
    const names = await runTests("qemu-aarch64", [program, name], { LODESTONE_SIMD: "neon" });
    expect(names.length).toBeGreaterThanOrEqual(1);
  }
});
