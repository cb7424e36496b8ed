/**
 * A client that keeps replies as the bytes that came, one whole frame each, so that two servers can
 * be compared to the letter in RESP2 and RESP3.
 */
import { connect, type Socket } from "node:net";

const CRLF_BYTES = 2;

export class RawClient {
  readonly #socket: Socket;
  #buffered: string;
  readonly #waiting: ((frame: string) => void)[];

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#buffered = "";
    this.#waiting = [];
    socket.on("data", (chunk: Buffer) => {
      this.#buffered += chunk.toString("latin1");
      this.#deliver();
    });
    socket.on("close", () => {
      for (const resolve of this.#waiting.splice(0)) resolve("(closed)");
    });
    socket.on("error", () => {});
  }

  static open(port: number): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1");
      socket.setNoDelay(true);
      socket.once("error", reject);
      socket.once("connect", () => resolve(new RawClient(socket)));
    });
  }

  command(...args: readonly string[]): Promise<string> {
    return this.pipeline([args]).then((frames) => frames[0]);
  }

  /** One frame for each command, in order. Arguments are binary strings. */
  pipeline(commands: readonly (readonly string[])[]): Promise<string[]> {
    let bytes = "";
    const frames = commands.map((args) => {
      bytes += `*${args.length}\r\n`;
      for (const arg of args) bytes += `$${arg.length}\r\n${arg}\r\n`;
      return new Promise<string>((resolve) => this.#waiting.push(resolve));
    });
    this.#socket.write(Buffer.from(bytes, "latin1"));
    return Promise.all(frames);
  }

  close(): void {
    this.#socket.destroy();
  }

  #deliver(): void {
    while (this.#waiting.length > 0) {
      const end = frameEnd(this.#buffered, 0);
      if (end === undefined) return;
      const frame = this.#buffered.slice(0, end);
      this.#buffered = this.#buffered.slice(end);
      this.#waiting.shift()?.(frame);
    }
  }
}

/** Where the frame that starts at `at` ends; undefined when it is not all here. */
export function frameEnd(bytes: string, at: number): number | undefined {
  const lineEnd = bytes.indexOf("\r\n", at);
  if (lineEnd < 0) return undefined;
  const bodyStart = lineEnd + CRLF_BYTES;
  const type = bytes[at];
  const count = Number(bytes.slice(at + 1, lineEnd));
  if (type === "$" || type === "=" || type === "!") {
    if (count < 0) return bodyStart;
    const end = bodyStart + count + CRLF_BYTES;
    return end <= bytes.length ? end : undefined;
  }
  const isAggregate = type === "*" || type === "%" || type === "~" || type === ">";
  if (!isAggregate || count < 0) return bodyStart;
  let end: number | undefined = bodyStart;
  for (let left = type === "%" ? count * 2 : count; left > 0 && end !== undefined; left -= 1) {
    end = frameEnd(bytes, end);
  }
  return end;
}
