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
  const { code } = await runProgram(kernelWords(args), (text) => process.stdout.write(text));
  process.exitCode = code;
}

/** The folder of a dataset that is made if it is not there: `--synthetic clustered` and so on. */
export async function syntheticFolder(args: readonly string[]): Promise<string> {
  const { code, printed } = await runProgram(kernelWords(["dataset", ...args]), () => {});
  if (code !== 0) throw new Error("the synthetic dataset could not be made");
  return printed.trim().split("\n").at(-1) ?? "";
}

async function runProgram(
  words: readonly string[],
  show: (text: string) => void,
): Promise<{ code: number; printed: string }> {
  const jobs = `-j${availableParallelism()}`;
  const built = spawnSync("make", ["-s", jobs, "-C", folder, `OUT=${out}`, "bench"], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (built.error !== undefined || built.status !== 0) {
    throw new Error(`the bench could not be built${built.error ? `: ${built.error.message}` : ""}`);
  }
  const bench = spawn(`${out}/kernel-bench`, words, { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  bench.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
    show(text);
  });
  const [code] = (await once(bench, "close")) as [number | null];
  return { code: code ?? 1, printed };
}
