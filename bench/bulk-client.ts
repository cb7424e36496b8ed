/**
 * Loads data quickly over one connection: commands go out as they are made, in chunks, with a few
 * chunks under way, and replies are only counted. The first error among them ends the load.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import RedisParser from "redis-parser";

const CHUNK_BYTES = 64 * 1024;
/** Enough to keep a server busy, and not so many that replies pile up in it. */
const UNANSWERED_MAX = 4000;

/** Elements that one command carries, where a command can carry many. */
const BATCH = 100;

export type CommandWords = readonly (string | number)[];

/** `head` with the words of so many elements behind it, in as many commands as that needs. */
export function* inBatches(
  head: CommandWords,
  first: number,
  count: number,
  wordsOf: (element: number) => CommandWords,
): Generator<CommandWords> {
  for (let at = 0; at < count; at += BATCH) {
    const words = [...head];
    for (let next = at; next < Math.min(count, at + BATCH); next += 1) {
      words.push(...wordsOf(first + next));
    }
    yield words;
  }
}

export class BulkClient {
  readonly #socket: Socket;
  #unansweredCount: number;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;
  #lastReply: unknown;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#unansweredCount = 0;
    const parser = new RedisParser({
      returnReply: (reply) => this.#answered(reply),
      returnError: (failure) => {
        this.#failure ??= failure;
        this.#answered(undefined);
      },
    });
    socket.setNoDelay(true);
    socket.on("data", (chunk) => parser.execute(chunk));
    socket.on("error", (failure) => this.#fail(failure));
    socket.on("close", () => this.#fail(new Error("the server closed the connection")));
  }

  static async open(port: number): Promise<BulkClient> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new BulkClient(socket);
  }

  /** Resolves when all were answered. Arguments are binary strings. */
  async load(commands: Iterable<CommandWords>): Promise<void> {
    let chunk = "";
    let chunkCount = 0;
    for (const words of commands) {
      chunk += encodeWords(words);
      chunkCount += 1;
      if (chunk.length < CHUNK_BYTES && chunkCount < UNANSWERED_MAX / 4) continue;
      this.#send(chunk, chunkCount);
      chunk = "";
      chunkCount = 0;
      await this.#whenAtMost(UNANSWERED_MAX);
    }
    this.#send(chunk, chunkCount);
    await this.#whenAtMost(0);
  }

  async command(...words: CommandWords): Promise<unknown> {
    await this.load([words]);
    return this.#lastReply;
  }

  close(): void {
    this.#socket.removeAllListeners("close");
    this.#socket.destroy();
  }

  #send(chunk: string, count: number): void {
    if (count === 0) return;
    this.#unansweredCount += count;
    this.#socket.write(chunk, "latin1");
  }

  async #whenAtMost(count: number): Promise<void> {
    while (this.#unansweredCount > count && this.#failure === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  #answered(reply: unknown): void {
    this.#lastReply = reply;
    this.#unansweredCount -= 1;
    this.#wake?.();
  }

  #fail(failure: Error): void {
    this.#failure ??= failure;
    this.#wake?.();
  }
}

export function encodeWords(words: CommandWords): string {
  let text = `*${words.length}\r\n`;
  for (const word of words) {
    const bytes = String(word);
    text += `$${bytes.length}\r\n${bytes}\r\n`;
  }
  return text;
}
