/**
 * A connection of the load generator: commands go out as bytes that were made beforehand, replies
 * come back through redis-parser, in order.
 */
import { connect, type Socket } from "node:net";
import RedisParser from "redis-parser";

interface Waiting {
  readonly resolve: (reply: unknown) => void;
  readonly reject: (failure: Error) => void;
}

export class Connection {
  readonly #socket: Socket;
  readonly #waiting: Waiting[];
  #head: number;
  #corked: boolean;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#waiting = [];
    this.#head = 0;
    this.#corked = false;
    const parser = new RedisParser({
      returnReply: (reply) => this.#next().resolve(reply),
      returnError: (failure) => this.#next().reject(failure),
    });
    socket.setNoDelay(true);
    socket.on("data", (chunk) => parser.execute(chunk));
    socket.on("error", (failure) => this.#fail(failure));
    socket.on("close", () => this.#fail(new Error("the server closed the connection")));
  }

  static open(host: string, port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, host);
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new Connection(socket));
      });
    });
  }

  send(command: Buffer): Promise<unknown> {
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(command);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  command(...args: readonly (string | Buffer)[]): Promise<unknown> {
    return this.send(encodeCommand(args));
  }

  close(): void {
    this.#socket.removeAllListeners("close");
    this.#socket.destroy();
  }

  #next(): Waiting {
    const waiting = this.#waiting[this.#head];
    if (waiting === undefined) throw new Error("a reply that nobody asked for");
    this.#head += 1;
    if (this.#head === this.#waiting.length) {
      this.#waiting.length = 0;
      this.#head = 0;
    }
    return waiting;
  }

  #fail(failure: Error): void {
    const waiting = this.#waiting.splice(0).slice(this.#head);
    this.#head = 0;
    for (const one of waiting) one.reject(failure);
  }
}

export function encodeCommand(args: readonly (string | Buffer)[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = typeof arg === "string" ? Buffer.from(arg) : arg;
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n"));
  }
  return Buffer.concat(parts);
}
