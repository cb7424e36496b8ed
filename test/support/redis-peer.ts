/**
 * A real redis-server as an oracle: started on a free port in a temporary folder, asked over RESP2,
 * ended with the test. `findRedisServer` says whether there is one on this machine.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import RedisParser from "redis-parser";
import { findRequirement, redisServerProgram } from "./requirement.ts";

/** Its version, undefined when there is none. */
export function findRedisServer(): string | undefined {
  return findRequirement("redis-server");
}

/** Whether the peer is at least that version. */
export function isAtLeast(version: string, major: number, minor: number): boolean {
  const [ownMajor, ownMinor] = version.split(".").map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

export type PeerReply = null | string | number | Error | PeerReply[];

export class RedisPeer {
  readonly port: number;
  readonly #process: ChildProcess;
  readonly #socket: Socket;
  /** Where it keeps its files; it goes with the peer. */
  readonly folder: string;
  readonly #waiting: ((reply: PeerReply) => void)[] = [];

  private constructor(
    process: ChildProcess,
    socket: Socket,
    folder: string,
    port: number,
    isBinary: boolean,
  ) {
    this.port = port;
    this.#process = process;
    this.#socket = socket;
    this.folder = folder;
    const answer = (reply: unknown) => {
      this.#waiting.shift()?.((isBinary ? binaryText(reply) : reply) as PeerReply);
    };
    const parser = new RedisParser({
      returnBuffers: isBinary,
      returnReply: answer,
      returnError: answer,
      returnFatalError: answer,
    });
    socket.on("data", (bytes) => parser.execute(bytes));
  }

  /** `isBinary` gives strings of one character for each byte, not text. */
  static async start(
    flags: readonly string[] = [],
    { isBinary = false, folder = mkdtempSync(join(tmpdir(), "redis-peer-")) } = {},
  ): Promise<RedisPeer> {
    const port = await freePort();
    const base = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder];
    const args = [...base, ...flags];
    const child = spawn(redisServerProgram(), args, { stdio: ["ignore", "pipe", "pipe"] });
    await new Promise<void>((resolve, reject) => {
      child.once("exit", () => reject(new Error("redis-server ended before it was ready")));
      child.stdout.on("data", (bytes: Buffer) => {
        if (bytes.includes("Ready to accept connections")) resolve();
      });
    });
    const socket = connect(port, "127.0.0.1");
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return new RedisPeer(child, socket, folder, port, isBinary);
  }

  command(...args: string[]): Promise<PeerReply> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      const parts = args.map((arg) => `$${Buffer.byteLength(arg, "latin1")}\r\n${arg}\r\n`);
      this.#socket.write(Buffer.from(`*${args.length}\r\n${parts.join("")}`, "latin1"));
    });
  }

  async stop(): Promise<void> {
    this.#socket.destroy();
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGKILL");
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function binaryText(reply: unknown): unknown {
  if (Buffer.isBuffer(reply)) return reply.toString("latin1");
  return Array.isArray(reply) ? reply.map(binaryText) : reply;
}
