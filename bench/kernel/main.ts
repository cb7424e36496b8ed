/**
 * `npm run bench -- kernel`: builds the C++ program for this host, and runs one of its commands.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { kernelWords, usage } from "./options.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
const out = fileURLToPath(new URL("../../node_modules/.cache/kernel-bench", import.meta.url));

export async function runKernel(args: readonly string[]): Promise<void> {
  if (args.includes("--help")) {
    console.log(usage);
    return;
  }
  process.exitCode = await runKernelProgram(kernelWords(args));
}

/** Its exit code. */
export async function runKernelProgram(words: readonly string[]): Promise<number> {
  const jobs = `-j${availableParallelism()}`;
  const built = spawnSync("make", ["-s", jobs, "-C", folder, `OUT=${out}`, "bench"], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (built.error !== undefined || built.status !== 0) {
    throw new Error(`the bench could not be built${built.error ? `: ${built.error.message}` : ""}`);
  }
  const bench = spawn(`${out}/kernel-bench`, words, { stdio: "inherit" });
  const [code] = (await once(bench, "exit")) as [number | null];
  return code ?? 1;
}
