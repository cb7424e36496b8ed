/**
 * A connection that remembers when each request on it was due. It sends whether or not earlier
 * requests were answered, so a server that stalls is not asked less; replies come in order.
 */
import net from "node:net";
import { performance } from "node:perf_hooks";
import RedisParser from "redis-parser";

export interface ReplyListener {
  /** Both are times of `performance.now()`. */
  replied(dueMs: number, nowMs: number): void;
  failed(reason: Error): void;
}

export class TimedConnection {
  readonly #socket: net.Socket;
  readonly #dueMs: number[];
  #answeredCount: number;

  private constructor(socket: net.Socket, listener: ReplyListener) {
    this.#socket = socket;
    this.#dueMs = [];
    this.#answeredCount = 0;
    let nowMs = 0;
    const parser = new RedisParser({
      returnReply: () => listener.replied(this.#answered(), nowMs),
      returnError: (reason) => listener.failed(reason),
    });
    socket.on("data", (chunk) => {
      nowMs = performance.now();
      parser.execute(chunk);
    });
    socket.on("error", (reason) => listener.failed(reason));
    socket.on("close", () => listener.failed(new Error("the server closed a connection")));
  }

  static open(port: number, listener: ReplyListener): Promise<TimedConnection> {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new TimedConnection(socket, listener));
      });
    });
  }

  send(request: string, dueMs: number): void {
    this.#dueMs.push(dueMs);
    this.#socket.write(request, "latin1");
  }

  get waitingCount(): number {
    return this.#dueMs.length - this.#answeredCount;
  }

  close(): void {
    this.#socket.removeAllListeners("close");
    this.#socket.destroy();
  }

  #answered(): number {
    if (this.waitingCount === 0) throw new Error("a reply that nobody asked for");
    const dueMs = this.#dueMs[this.#answeredCount];
    this.#answeredCount += 1;
    if (this.waitingCount === 0) {
      this.#dueMs.length = 0;
      this.#answeredCount = 0;
    }
    return dueMs;
  }
}
