/**
 * The server as its own process, perhaps under strace, which makes the n-th call on a file fail and
 * writes down when; what it writes down is read here.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { RespClient } from "../crash/resp-client.ts";

const program = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const POLL_MS = 10;
const WORDS_MAX = 8000;

export interface Injection {
  /** As strace's `inject` has it: `pwrite64:error=EIO:when=5`. */
  readonly inject: string;
  /** Calls on other files are left alone. */
  readonly paths: readonly string[];
  readonly traceFile: string;
}

export interface ServerSettings {
  readonly folder: string;
  readonly port: number;
  readonly segmentBytes: number;
  readonly logFile?: string;
  readonly failpoints?: string;
  readonly injection?: Injection;
}

export class TracedServer {
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  readonly #port: number;
  #isGone = false;
  #words = "";

  constructor({ folder, port, segmentBytes, logFile, failpoints, injection }: ServerSettings) {
    this.#port = port;
    const flags = ["--port", `${port}`, "--dir", folder, "--log-segment-bytes", `${segmentBytes}`];
    if (logFile !== undefined) flags.push("--logfile", logFile);
    const server = [process.execPath, program, ...flags, "--debug-commands", "yes"];
    const [command, ...args] = injection === undefined ? server : [...traced(injection), ...server];
    this.#child = spawn(command, args, {
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, so that the server goes where strace goes.
      detached: true,
      // strace counts the calls of each thread by themselves.
      env: { ...process.env, UV_THREADPOOL_SIZE: "1", LODESTONE_FAILPOINTS: failpoints ?? "" },
    });
    this.#child.stdout?.resume();
    this.#child.stderr?.on("data", (chunk) => {
      this.#words = (this.#words + chunk).slice(-WORDS_MAX);
    });
    this.exited = once(this.#child, "exit").then(() => {
      this.#isGone = true;
    });
  }

  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** The end of what it said on standard error. */
  get lastWords(): string {
    return this.#words;
  }

  /** With strace, if that is there. */
  async kill(): Promise<void> {
    if (!this.#isGone && this.#child.pid !== undefined) process.kill(-this.#child.pid, "SIGKILL");
    await this.exited;
  }

  /** A client once the server serves; undefined if it died before. */
  async connect(): Promise<RespClient | undefined> {
    while (!this.#isGone) {
      try {
        const client = await RespClient.open(this.#port);
        if ((await client.send("PING")) === "PONG") return client;
        client.close();
      } catch {
        // Not listening yet, or dead: the loop's condition knows.
      }
      await Promise.race([wait(POLL_MS), this.exited]);
    }
    return undefined;
  }
  /** As many as there is still a server for. */
  async connectMore(count: number): Promise<RespClient[]> {
    const opening = Array.from({ length: count }, () => RespClient.open(this.#port));
    const opened = await Promise.allSettled(opening);
    return opened.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  }
}

function traced({ inject, paths, traceFile }: Injection): string[] {
  const [calls] = inject.split(":");
  const places = paths.flatMap((path) => ["-P", path]);
  const output = ["-f", "--seccomp-bpf", "-q", "-ttt", "-s", "0", "-o", traceFile];
  return ["strace", ...output, "-e", `trace=${calls}`, "-e", `inject=${inject}`, ...places];
}

export interface TracedCalls {
  /** From the first failure to the end of the process. */
  readonly exitMs: number | undefined;
  readonly injectedCount: number;
  /** Calls that succeeded before the first that was made to fail. */
  readonly doneBefore: number;
}

/** Lines are `pid seconds call(…) = result`, and `pid seconds +++ exited with 71 +++`. */
export function readTrace(traceFile: string): TracedCalls {
  let firstMs: number | undefined;
  let endMs = 0;
  let injectedCount = 0;
  let doneBefore = 0;
  for (const line of readFileSync(traceFile, "utf8").split("\n")) {
    const timeMs = Number(/^\d+ +(\d+\.\d+) /.exec(line)?.[1] ?? Number.NaN) * 1000;
    if (Number.isNaN(timeMs)) continue;
    endMs = Math.max(endMs, timeMs);
    if (line.includes("(INJECTED)")) {
      injectedCount += 1;
      firstMs ??= timeMs;
    } else if (firstMs === undefined && /\) += \d+$/.test(line)) doneBefore += 1;
  }
  const exitMs = firstMs === undefined ? undefined : Math.round(endMs - firstMs);
  return { exitMs, injectedCount, doneBefore };
}
