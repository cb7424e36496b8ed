/**
 * Messages between two processes of ours over a byte stream: the length in four bytes, little
 * endian, then V8's structured clone. Whoever breaks the form, or declares more than
 * `limits.followerMessageBytesMax`, is not listened to any more.
 */
import type { Duplex } from "node:stream";
import { deserialize, serialize } from "node:v8";
import { limits } from "../base/limits.ts";

const LENGTH_BYTES = 4;

export interface ChannelEvents {
  message(message: unknown): void;
  /** What came is no message; the stream is closed. */
  broken(reason: string): void;
}

export class FramedChannel {
  readonly #stream: Duplex;
  readonly #events: ChannelEvents;
  #pending: Buffer = Buffer.alloc(0);

  constructor(stream: Duplex, events: ChannelEvents) {
    this.#stream = stream;
    this.#events = events;
    // A close follows, which is all that either side acts on.
    stream.on("error", () => undefined);
    stream.on("data", (chunk: Buffer) => this.#take(chunk));
  }

  /** Resolves once it has left, or never will. */
  send(message: object): Promise<void> {
    const body = serialize(message);
    const frame = Buffer.allocUnsafeSlow(LENGTH_BYTES + body.length);
    frame.writeUInt32LE(body.length);
    frame.set(body, LENGTH_BYTES);
    body.fill(0);
    return new Promise((resolve) => {
      this.#stream.write(frame, () => {
        // Keys may have been in it.
        frame.fill(0);
        resolve();
      });
    });
  }

  #take(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (this.#pending.length >= LENGTH_BYTES) {
      const length = this.#pending.readUInt32LE();
      if (length > limits.followerMessageBytesMax) {
        this.#break(`a message of ${length} bytes`);
        return;
      }
      const end = LENGTH_BYTES + length;
      if (this.#pending.length < end) return;
      const body = this.#pending.subarray(LENGTH_BYTES, end);
      this.#pending = this.#pending.subarray(end);
      let message: unknown;
      try {
        message = deserialize(body);
      } catch (failure) {
        this.#break(failure instanceof Error ? failure.message : String(failure));
        return;
      }
      this.#events.message(message);
    }
  }

  #break(reason: string): void {
    this.#pending = Buffer.alloc(0);
    this.#stream.destroy();
    this.#events.broken(reason);
  }
}
