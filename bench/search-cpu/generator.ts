/**
 * A closed loop over some connections: each has one search under way, and sends the next one when
 * its reply is whole. Replies are skipped, not decoded, since a busy generator would leave the
 * server idle between turns, where it does the same work in more and smaller pieces.
 */
import { connect, type Socket } from "node:net";

export interface LoadResult {
  readonly searchCount: number;
  readonly seconds: number;
}

export class Generator {
  readonly #sockets: readonly Socket[];
  /** What of a reply has come, by connection. */
  readonly #pieces: Buffer[];
  #commands: readonly Buffer[];
  #expected: string;
  #next: number;
  #endMs: number;
  #doneCount: number;
  #underWay: number;
  #finish: () => void;
  #fail: (failure: Error) => void;

  private constructor(sockets: readonly Socket[]) {
    this.#sockets = sockets;
    this.#pieces = sockets.map(() => Buffer.alloc(0));
    this.#commands = [];
    this.#expected = "";
    this.#next = 0;
    this.#endMs = 0;
    this.#doneCount = 0;
    this.#underWay = 0;
    this.#finish = () => undefined;
    this.#fail = () => undefined;
    for (const [place, socket] of sockets.entries()) {
      socket.on("data", (chunk: Buffer) => this.#received(place, chunk));
      socket.on("close", () => this.#fail(new Error("the server closed the connection")));
    }
  }

  static async open(host: string, port: number, connectionCount: number): Promise<Generator> {
    const sockets = Array.from(
      { length: connectionCount },
      () =>
        new Promise<Socket>((resolve, reject) => {
          const socket = connect(port, host, () => resolve(socket));
          socket.setNoDelay(true);
          socket.once("error", reject);
        }),
    );
    return new Generator(await Promise.all(sockets));
  }

  /** Every reply must begin so, or the run fails: an error is quick, and no search. */
  run(commands: readonly Buffer[], expected: string, seconds: number): Promise<LoadResult> {
    this.#commands = commands;
    this.#expected = expected;
    this.#doneCount = 0;
    this.#underWay = this.#sockets.length;
    const startMs = performance.now();
    this.#endMs = startMs + seconds * 1000;
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      this.#finish = () => {
        const elapsed = (performance.now() - startMs) / 1000;
        resolve({ searchCount: this.#doneCount, seconds: elapsed });
      };
      for (const socket of this.#sockets) this.#send(socket);
    });
  }

  close(): void {
    this.#fail = () => undefined;
    for (const socket of this.#sockets) socket.destroy();
  }

  #send(socket: Socket): void {
    socket.write(this.#commands[this.#next % this.#commands.length]);
    this.#next += 1;
  }

  #received(place: number, chunk: Buffer): void {
    const before = this.#pieces[place];
    const bytes = before.length === 0 ? chunk : Buffer.concat([before, chunk]);
    const end = replyEnd(bytes, 0);
    if (end < 0) {
      this.#pieces[place] = bytes;
      return;
    }
    this.#pieces[place] = bytes.subarray(end);
    if (!bytes.latin1Slice(0, this.#expected.length).startsWith(this.#expected)) {
      this.#fail(new Error(`not the reply that was expected: ${bytes.toString("latin1", 0, 200)}`));
      return;
    }
    this.#doneCount += 1;
    if (performance.now() < this.#endMs) this.#send(this.#sockets[place]);
    else {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#finish();
    }
  }
}

const LINE_FEED = 10;
const ASTERISK = 42;
const DOLLAR = 36;

/** Behind the RESP2 reply that begins there; -1 if it is not all here. */
function replyEnd(bytes: Buffer, start: number): number {
  const lineEnd = bytes.indexOf(LINE_FEED, start);
  if (lineEnd < 0) return -1;
  const type = bytes[start];
  let end = lineEnd + 1;
  if (type !== ASTERISK && type !== DOLLAR) return end;
  const count = Number(bytes.latin1Slice(start + 1, lineEnd - 1));
  if (type === DOLLAR) {
    if (count >= 0) end += count + 2;
    return end > bytes.length ? -1 : end;
  }
  for (let item = 0; item < count && end >= 0; item += 1) end = replyEnd(bytes, end);
  return end;
}
