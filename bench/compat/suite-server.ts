/**
 * The server that a suite is run against: of ours, on a free port, with DEBUG allowed, gone
 * afterwards.
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, startServerProcess } from "../server-process.ts";

export async function withServer<Result>(
  log: "file" | "memory",
  use: (port: number) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "lodestone-compat-"));
  const flags = ["--log", log, "--debug-commands", "yes"];
  const server = startServerProcess({ folder, port: await freePort(), flags });
  try {
    await server.whenReady;
    return await use(server.port);
  } finally {
    await server.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

export interface ProgramOutput {
  readonly text: string;
  readonly exitCode: number | null;
  readonly isTimedOut: boolean;
}

/** Both outputs of a program, which has to end in time. */
export function outputOf(
  program: string,
  args: readonly string[],
  options: {
    readonly folder: string;
    readonly timeoutMs: number;
    readonly environment?: Readonly<Record<string, string>>;
  },
): Promise<ProgramOutput> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.folder,
      env: { ...process.env, ...options.environment },
      stdio: ["ignore", "pipe", "pipe"],
      // Of a group of its own, so that what it starts ends with it.
      detached: true,
    });
    const chunks: Buffer[] = [];
    let isTimedOut = false;
    const timer = setTimeout(() => {
      isTimedOut = true;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, options.timeoutMs);
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.once("error", (failure) => {
      clearTimeout(timer);
      reject(new Error(`${program} cannot be started: ${failure.message}`));
    });
    child.once("close", (exitCode) => {
      clearTimeout(timer);
      resolve({ text: Buffer.concat(chunks).toString(), exitCode, isTimedOut });
    });
  });
}
