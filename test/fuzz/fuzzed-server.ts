/**
 * A server of its own process that strangers talk to: whether it lives, what it said when it died,
 * and how much memory it has.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../bench/server-process.ts";
import { RawClient } from "../support/raw-client.ts";

const PROGRAM = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const READY_MS_MAX = 60_000;
const ANSWER_MS_MAX = 20_000;

/** The promise's value, or `undefined` once that time has passed. */
export async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

export class FuzzedServer {
  readonly port: number;
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #isGone = false;
  #words = "";

  private constructor(port: number, folder: string, flags: readonly string[]) {
    this.port = port;
    this.#folder = folder;
    const own = ["--port", String(port), "--dir", folder, "--log-level", "warning"];
    this.#child = spawn(process.execPath, [PROGRAM, ...own, ...flags], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stderr?.on("data", (chunk) => {
      this.#words = (this.#words + chunk).slice(-2000);
    });
    this.#ended = once(this.#child, "exit").then(() => {
      this.#isGone = true;
    });
  }

  static async start(flags: readonly string[]): Promise<FuzzedServer> {
    const folder = mkdtempSync(join(tmpdir(), "lodestone-fuzz-"));
    const server = new FuzzedServer(await freePort(), folder, flags);
    const ready = new Promise<true>((resolve) => {
      server.#child.stdout?.on("data", (chunk) => {
        if (String(chunk).includes(" ready: ")) resolve(true);
      });
    });
    const started = await within(Promise.race([ready, server.#ended]), READY_MS_MAX);
    if (started !== true) throw new Error(`the server does not start: ${server.#words}`);
    return server;
  }

  /** What is wrong with it; undefined while it lives and answers. */
  async explain(): Promise<string | undefined> {
    if (this.#isGone) return this.#end();
    const answer = await within(this.#ping(), ANSWER_MS_MAX);
    if (answer?.startsWith("+PONG") || answer?.startsWith("-NOAUTH")) return undefined;
    return this.#isGone ? this.#end() : `PING is answered ${JSON.stringify(answer)}`;
  }

  #end(): string {
    const { exitCode, signalCode } = this.#child;
    return `the server ended with ${signalCode ?? exitCode}: ${this.#words}`;
  }

  async #ping(): Promise<string> {
    try {
      const client = await RawClient.open(this.port);
      const answer = await client.command("PING");
      client.close();
      return answer;
    } catch (failure) {
      return String(failure);
    }
  }

  /** With nothing in it, after what it may give back was given back. */
  async residentBytesWhenEmpty(): Promise<number> {
    const client = await RawClient.open(this.port);
    for (const name of await indexNames(client)) await client.command("FT.DROPINDEX", name);
    await client.command("FLUSHALL");
    await client.command("MEMORY", "PURGE");
    const information = await client.command("INFO", "memory");
    client.close();
    return Number(/used_memory_rss:(\d+)/.exec(information)?.[1]);
  }

  async stop(): Promise<void> {
    if (!this.#isGone) this.#child.kill("SIGKILL");
    await this.#ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function indexNames(client: RawClient): Promise<string[]> {
  const names = await client.command("FT._LIST");
  return names
    .split("\r\n")
    .filter((line) => line.startsWith("+"))
    .map((line) => line.slice(1));
}
