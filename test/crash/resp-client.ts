/**
 * A small RESP2 client for the crash test: one connection, replies in order, bytes as Buffers.
 * A broken connection rejects everything that is under way: its outcome is unknown.
 */
import { connect, type Socket } from "node:net";

export type RespReply = string | number | Buffer | null | Error | RespReply[];

interface Waiting {
  resolve(reply: RespReply): void;
  reject(reason: Error): void;
}

/** A reply and where the next one starts; undefined while bytes are missing. */
function parse(bytes: Buffer, at: number): { reply: RespReply; next: number } | undefined {
  const lineEnd = bytes.indexOf("\r\n", at);
  if (lineEnd < 0) return undefined;
  const line = bytes.latin1Slice(at + 1, lineEnd);
  const next = lineEnd + 2;
  const type = String.fromCharCode(bytes[at]);
  if (type === "+") return { reply: line, next };
  if (type === "-") return { reply: new Error(line), next };
  if (type === ":") return { reply: Number(line), next };
  const count = Number(line);
  if (type === "$") {
    if (count < 0) return { reply: null, next };
    if (bytes.length < next + count + 2) return undefined;
    return { reply: Buffer.from(bytes.subarray(next, next + count)), next: next + count + 2 };
  }
  if (type !== "*") throw new Error(`no RESP2: ${bytes.latin1Slice(at, at + 40)}`);
  if (count < 0) return { reply: null, next };
  const items: RespReply[] = [];
  let position = next;
  for (let index = 0; index < count; index += 1) {
    const item = parse(bytes, position);
    if (item === undefined) return undefined;
    items.push(item.reply);
    position = item.next;
  }
  return { reply: items, next: position };
}

export function encodeCommand(args: readonly (string | Buffer | number)[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const argument of args) {
    const bytes = Buffer.isBuffer(argument) ? argument : Buffer.from(String(argument), "latin1");
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n"));
  }
  return Buffer.concat(parts);
}

export class RespClient {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  readonly #waiting: Waiting[] = [];
  #broken: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", (failure) => this.#break(failure));
    socket.on("close", () => this.#break(new Error("the connection is closed")));
  }

  static async open(port: number, database = 0): Promise<RespClient> {
    const client = await new Promise<RespClient>((resolve, reject) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(new RespClient(socket)));
      socket.once("error", reject);
    });
    if (database !== 0) await client.must("SELECT", database);
    return client;
  }

  /** Nothing more comes: the other side is gone, or this one closed it. */
  get isBroken(): boolean {
    return this.#broken !== undefined;
  }

  /** The reply; a reply that is an error is given, not thrown. */
  send(...args: (string | Buffer | number)[]): Promise<RespReply> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#socket.write(encodeCommand(args));
    });
  }

  /** As `send`, for commands that must succeed. */
  async must(...args: (string | Buffer | number)[]): Promise<RespReply> {
    const reply = await this.send(...args);
    if (reply instanceof Error) throw new Error(`${args[0]}: ${reply.message}`);
    return reply;
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    let at = 0;
    for (;;) {
      const parsed = parse(this.#received, at);
      if (parsed === undefined) break;
      at = parsed.next;
      this.#waiting.shift()?.resolve(parsed.reply);
    }
    this.#received = this.#received.subarray(at);
  }

  #break(failure: Error): void {
    if (this.#broken !== undefined) return;
    this.#broken = failure;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(failure);
  }
}
