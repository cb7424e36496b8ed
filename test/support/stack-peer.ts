/**
 * Redis Stack as an oracle, spoken to in RESP2 and RESP3: the one at
 * LODESTONE_REDIS_STACK=HOST:PORT (its data is flushed!), or one that
 * `../shared/peers/redis-stack.sh PORT` starts where a checkout has that script beside it. Its
 * replies are decoded as those of the in-process client are.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createConnection, createServer, type Socket } from "node:net";
import { resolve } from "node:path";
import { ErrorReply } from "../../src/base/errors.ts";
import type { DecodedReply } from "./in-process-server.ts";

const script = resolve(import.meta.dirname, "../../../shared/peers/redis-stack.sh");

export const stackAddress = process.env.LODESTONE_REDIS_STACK;
export const hasStack = stackAddress !== undefined || existsSync(script);

export class StackPeer {
  readonly #socket: Socket;
  readonly #child: ChildProcess | undefined;
  readonly #waiting: ((reply: DecodedReply) => void)[] = [];
  #received = Buffer.alloc(0);

  private constructor(socket: Socket, child: ChildProcess | undefined) {
    this.#socket = socket;
    this.#child = child;
    socket.on("data", (bytes) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      for (;;) {
        const reader = new ReplyReader(this.#received);
        const reply = reader.read();
        if (reply === undefined) return;
        this.#received = this.#received.subarray(reader.place);
        this.#waiting.shift()?.(reply);
      }
    });
  }

  static async start(): Promise<StackPeer> {
    if (stackAddress !== undefined) {
      const [host, port] = stackAddress.split(":");
      return new StackPeer(await connected(host, Number(port)), undefined);
    }
    const port = await freePort();
    const child = spawn("bash", [script, String(port)], { stdio: ["ignore", "pipe", "ignore"] });
    await new Promise<void>((ready, failed) => {
      child.once("exit", () => failed(new Error("Redis Stack ended before it was ready")));
      child.stdout?.on("data", (bytes: Buffer) => {
        if (bytes.includes("Ready to accept connections")) ready();
      });
    });
    return new StackPeer(await connected("127.0.0.1", port), child);
  }

  settle(...args: (string | Buffer)[]): Promise<DecodedReply> {
    const parts: Buffer[] = [Buffer.from(`*${args.length}\r\n`)];
    for (const argument of args) {
      const bytes = typeof argument === "string" ? Buffer.from(argument, "latin1") : argument;
      parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n"));
    }
    this.#socket.write(Buffer.concat(parts));
    return new Promise((answered) => this.#waiting.push(answered));
  }

  async stop(): Promise<void> {
    this.#socket.destroy();
    const child = this.#child;
    if (child === undefined) return;
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGKILL");
    await ended;
  }
}

/** Reads one reply from the start of what was received; undefined while it is not all there. */
class ReplyReader {
  readonly #bytes: Buffer;
  place = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  read(): DecodedReply | undefined {
    const lineEnd = this.#bytes.indexOf("\r\n", this.place);
    if (lineEnd < 0) return undefined;
    const kind = String.fromCharCode(this.#bytes[this.place]);
    const line = this.#bytes.latin1Slice(this.place + 1, lineEnd);
    this.place = lineEnd + 2;
    switch (kind) {
      case "+":
        return line;
      case "-":
        return new ErrorReply(line);
      case ":":
        return Number(line);
      case ",":
        return Number(line.replace("inf", "Infinity"));
      case "_":
        return null;
      case "$":
        return this.#bulk(Number(line));
      case "%":
        return this.#map(Number(line));
      default:
        return Number(line) < 0 ? null : this.#array(Number(line));
    }
  }

  #bulk(sizeBytes: number): DecodedReply | undefined {
    if (sizeBytes < 0) return null;
    const start = this.place;
    if (this.#bytes.length < start + sizeBytes + 2) return undefined;
    this.place += sizeBytes + 2;
    return this.#bytes.latin1Slice(start, start + sizeBytes);
  }

  #array(count: number): DecodedReply[] | undefined {
    const items: DecodedReply[] = [];
    for (let index = 0; index < count; index += 1) {
      const item = this.read();
      if (item === undefined) return undefined;
      items.push(item);
    }
    return items;
  }

  #map(count: number): DecodedReply | undefined {
    const flat = this.#array(count * 2);
    if (flat === undefined) return undefined;
    const map = new Map<DecodedReply, DecodedReply>();
    for (let index = 0; index < flat.length; index += 2) map.set(flat[index], flat[index + 1]);
    return map;
  }
}

function connected(host: string, port: number): Promise<Socket> {
  const socket = createConnection(port, host);
  return new Promise((ready, failed) => {
    socket.once("connect", () => ready(socket));
    socket.once("error", failed);
  });
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const probe = createServer();
    probe.on("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      probe.close(() => found(port));
    });
  });
}
