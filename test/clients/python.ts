/**
 * Python scripts of this folder, run against a server of ours by an interpreter that has redis-py,
 * numpy and redisvl.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface ScriptResult {
  readonly exitCode: number | null;
  /** What it wrote to standard output and standard error. */
  readonly output: string;
}

export function runPython(
  python: string,
  script: string,
  args: readonly (string | number)[],
): Promise<ScriptResult> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(python, [path, ...args.map(String)], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => resolve({ exitCode, output }));
  });
}
