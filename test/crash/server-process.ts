/**
 * The server as its own process, to be killed: started with failpoints, awaited by its state.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { RespClient } from "./resp-client.ts";

const program = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

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
}

export class ServerProcess {
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  readonly #port: number;
  #isGone = false;
  #errors = "";

  constructor(options: ServerOptions) {
    this.#port = options.port;
    const flags = ["--port", String(options.port), "--dir", options.folder];
    const debug = ["--debug-commands", "yes", "--log-segment-bytes", String(options.segmentBytes)];
    this.#child = spawn(process.execPath, [program, ...flags, ...debug], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, LODESTONE_FAILPOINTS: options.failpoints },
    });
    this.#child.stdout?.resume();
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

  kill(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): void {
    this.#child.kill(signal);
  }

  /** A client once the server has read its log back; undefined if it died before. */
  async connect(): Promise<RespClient | undefined> {
    while (!this.#isGone) {
      try {
        const client = await RespClient.open(this.#port);
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
