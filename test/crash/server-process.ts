/**
 * The server as its own process, to be killed: started with failpoints, awaited by its state.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { RespClient } from "./resp-client.ts";

const program = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
/** Where `npm start` keeps them too: a start takes half the time. */
const compiledFolder = fileURLToPath(
  new URL("../../node_modules/.cache/lodestone", import.meta.url),
);

/** For a process of ours that is started again and again. */
export function quickStart(): NodeJS.ProcessEnv {
  return { ...process.env, NODE_COMPILE_CACHE: compiledFolder };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

export interface ServerOptions {
  readonly folder: string;
  readonly port: number;
  readonly failpoints: string;
  readonly segmentBytes: number;
  /** Others, as on the command line. */
  readonly flags?: readonly string[];
}

export class ServerProcess {
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  readonly port: number;
  #isGone = false;
  #isReady = false;
  #errors = "";

  constructor(options: ServerOptions) {
    this.port = options.port;
    const flags = ["--port", String(options.port), "--dir", options.folder];
    const debug = ["--debug-commands", "yes", "--log-segment-bytes", String(options.segmentBytes)];
    const all = [program, ...flags, ...debug, ...(options.flags ?? [])];
    this.#child = spawn(process.execPath, all, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...quickStart(), LODESTONE_FAILPOINTS: options.failpoints },
    });
    this.#child.stdout?.on("data", (chunk) => {
      this.#isReady ||= String(chunk).includes(" ready: ");
    });
    this.#child.stderr?.on("data", (chunk) => {
      this.#errors = (this.#errors + chunk).slice(-4000);
    });
    this.exited = once(this.#child, "exit").then(() => {
      this.#isGone = true;
    });
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** It has read everything back, and said so. */
  get isReady(): boolean {
    return this.#isReady;
  }

  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  get signal(): string | null {
    return this.#child.signalCode;
  }

  /** The end of what it said on standard error. */
  get lastWords(): string {
    return this.#errors;
  }

  get processId(): number {
    if (this.#child.pid === undefined) throw new Error("the server was not started");
    return this.#child.pid;
  }

  /** Processes that it started and that are still there. */
  childIds(): number[] {
    const id = this.processId;
    try {
      const list = readFileSync(`/proc/${id}/task/${id}/children`, "latin1");
      return list.split(" ").filter(Boolean).map(Number);
    } catch {
      return [];
    }
  }

  kill(signal: "SIGKILL" | "SIGTERM" | "SIGSTOP" | "SIGCONT" = "SIGKILL"): void {
    this.#child.kill(signal);
  }

  open(): Promise<RespClient> {
    return RespClient.open(this.port);
  }

  /** Once it listens, whether it has read its log back or not; undefined if it died before. */
  async connectWhileLoading(): Promise<RespClient | undefined> {
    while (!this.#isGone) {
      try {
        return await RespClient.open(this.port);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    }
    return undefined;
  }

  /** A client once the server has read its log back; undefined if it died before. */
  async connect(): Promise<RespClient | undefined> {
    while (!this.#isGone) {
      try {
        const client = await RespClient.open(this.port);
        const reply = await client.send("PING");
        if (reply === "PONG") return client;
        client.close();
      } catch {
        // Not listening yet, or dead: the loop's condition knows.
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return undefined;
  }
}
