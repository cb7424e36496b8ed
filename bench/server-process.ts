/**
 * A server of ours as its own process, for the demo and the benches.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

const ENTRY = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const START_TIMEOUT_MS = 120_000;

export interface ServerProcess {
  readonly port: number;
  readonly pid: number;
  /** The line that says where it listens, once everything is back. */
  readonly whenReady: Promise<string>;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
  /** Lets it live on when this process ends. */
  release(): void;
}

export interface ServerProcessOptions {
  readonly folder: string;
  readonly port: number;
  readonly flags?: readonly string[];
  /** It outlives this process when it is released. */
  readonly isDetached?: boolean;
  /** The package's command, instead of the source. */
  readonly command?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

export function startServerProcess(options: ServerProcessOptions): ServerProcess {
  const flags = ["--port", String(options.port), "--dir", options.folder, "--log-level", "warning"];
  const entry = options.command === undefined ? [ENTRY] : [];
  const program = options.command ?? process.execPath;
  const child = spawn(program, [...entry, ...flags, ...(options.flags ?? [])], {
    env: options.environment,
    stdio: ["ignore", "pipe", "pipe"],
    detached: options.isDetached ?? false,
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const signal = async (name: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(name);
    await ended;
  };
  return {
    port: options.port,
    pid: child.pid ?? 0,
    whenReady: waitForReadyLine(child),
    stop: () => signal("SIGTERM"),
    kill: () => signal("SIGKILL"),
    release() {
      child.stdout?.destroy();
      child.stderr?.destroy();
      child.unref();
    },
  };
}

function waitForReadyLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    let complaints = "";
    const timer = setTimeout(
      () => reject(new Error("the server did not start in time")),
      START_TIMEOUT_MS,
    );
    child.stderr?.on("data", (chunk: Buffer) => {
      complaints += chunk.toString();
    });
    child.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      const line = output.split("\n").find((text) => text.includes(" ready: "));
      if (line === undefined) return;
      clearTimeout(timer);
      resolve(line);
    });
    child.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`the server ended with ${code}: ${complaints.trim().slice(-500)}`));
    });
  });
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
