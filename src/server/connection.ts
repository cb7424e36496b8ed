/**
 * One client's connection: bytes in → decoder → session; replies → encoder → bytes out.
 *
 * - One write a turn of the event loop, however many replies came (`FlushQueue`).
 * - The encoder's buffer is shared by all connections while the kernel takes everything at once,
 *   which is nearly always; what it does not take is this connection's own, and limited.
 * - Once closed, nothing is decoded or sent any more.
 */
import type { Bytes } from "../base/bytes.ts";
import { limits } from "../base/limits.ts";
import type { CommandReceiver, ReplySink } from "../engine/reply-sink.ts";
import { FrameDecoder } from "../resp/decoder.ts";
import type { ReplyEncoder } from "../resp/encoder.ts";
import type { Protocol, Reply } from "../resp/frame.ts";
import type { NetworkSocket } from "../runtime/network.ts";
import type { ConnectionLimits } from "./connection-limits.ts";
import type { FlushQueue } from "./flush-queue.ts";
import type { TrafficCounters } from "./traffic-counters.ts";

/** An encoder that grew beyond this is not kept for the next turn. */
const KEPT_ENCODER_BYTES_MAX = 1024 * 1024;
const OUTPUT_BYTES_ALWAYS = limits.unauthenticatedOutputBufferBytesMax;

/** Commands that are decoded before the first of them runs, so that their keys can be foreseen. */
const AHEAD_MAX = 32;
/** Of the connection that is being served: nothing is served in between. */
const ahead: Bytes[][] = [];

export interface ConnectionParts {
  readonly socket: NetworkSocket;
  readonly flushQueue: FlushQueue;
  readonly limits: ConnectionLimits;
  readonly counters: TrafficCounters;
  readonly monotonicMs: () => number;
  readonly onClosed: (connection: Connection) => void;
  readonly onDropped: (connection: Connection, reason: string) => void;
}

export class Connection implements ReplySink {
  readonly address: string;
  readonly localAddress: string;
  /** When bytes last came or a wait for a key ended, for the idle timeout. */
  lastInputMs: number;
  readonly #parts: ConnectionParts;
  readonly #decoder: FrameDecoder;
  #session: CommandReceiver | undefined;
  #encoder: ReplyEncoder | undefined;
  #isDecoding: boolean;
  /** The client broke the protocol; the session says so and closes. */
  #isBroken: boolean;
  #isClosing: boolean;
  #isClosed: boolean;
  /** The kernel has not taken the last write yet. */
  #isBlocked: boolean;
  /** The session is stalled with a command waiting, so the kernel holds what else is sent. */
  #isPaused: boolean;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    const { socket } = parts;
    this.address = `${hostText(socket.remoteAddress)}:${socket.remotePort ?? 0}`;
    this.localAddress = `${hostText(socket.localAddress)}:${socket.localPort ?? 0}`;
    this.lastInputMs = parts.monotonicMs();
    this.#decoder = new FrameDecoder(false);
    this.#session = undefined;
    this.#encoder = undefined;
    this.#isDecoding = false;
    this.#isBroken = false;
    this.#isClosing = false;
    this.#isClosed = false;
    this.#isBlocked = false;
    this.#isPaused = false;
  }

  open(session: CommandReceiver): void {
    this.#session = session;
    const { socket } = this.#parts;
    socket.on("data", (chunk) => this.#received(chunk));
    socket.on("drain", () => this.#drained());
    socket.on("end", () => this.#ended());
    socket.on("close", () => this.#ended());
    // A reset is how clients go; "close" follows.
    socket.on("error", () => {});
  }

  get outputBytes(): number {
    return this.#parts.socket.writableLength + (this.#encoder?.length ?? 0);
  }

  /** Whoever waits for a key is not idle. */
  get isBlocked(): boolean {
    return this.#session?.isBlocked === true;
  }

  get inputBytes(): number {
    return this.#decoder.bufferedBytes;
  }

  send(reply: Reply, protocol: Protocol): void {
    if (this.#isClosed) return;
    let encoder = this.#encoder;
    if (encoder === undefined) {
      encoder = this.#parts.flushQueue.takeEncoder();
      this.#encoder = encoder;
      if (!this.#isBlocked) this.#parts.flushQueue.add(this);
    }
    encoder.encode(reply, protocol);
    // Below that nobody is cut off, so who it is need not be asked.
    if (encoder.length > OUTPUT_BYTES_ALWAYS || this.#isBlocked) this.#checkOutput(encoder.length);
  }

  #checkOutput(encodedBytes: number): void {
    const isAuthenticated = this.#session?.isAuthenticated ?? false;
    const bytesMax = this.#parts.limits.outputBytesMax(isAuthenticated);
    if (encodedBytes > bytesMax || (this.#isBlocked && this.outputBytes > bytesMax)) {
      this.#parts.counters.outputLimitDisconnectionCount += 1;
      this.closeNow("the output buffer limit was passed");
    }
  }

  /** Called once a turn by the flush queue. */
  flush(): void {
    const encoder = this.#encoder;
    if (encoder === undefined || this.#isClosed || this.#isBlocked) return;
    this.#encoder = undefined;
    const { socket, counters, flushQueue } = this.#parts;
    counters.outputBytes += encoder.length;
    socket.write(encoder.written());
    if (socket.writableLength === 0) {
      if (encoder.capacity <= KEPT_ENCODER_BYTES_MAX) flushQueue.giveBack(encoder);
    } else {
      // The kernel's buffer is full: node keeps a view of the encoder's memory, so it is not
      // reused.
      this.#isBlocked = true;
    }
    if (this.#isClosing) this.#finishClosing();
  }

  resume(): void {
    if (this.#isDecoding) return;
    this.lastInputMs = this.#parts.monotonicMs();
    this.#decode();
    if (!this.#isPaused || this.#isClosed || this.#isFull()) return;
    this.#isPaused = false;
    this.#parts.socket.resume();
  }

  closeWhenSent(): void {
    this.#isClosing = true;
    if (this.#encoder === undefined) this.#finishClosing();
  }

  closeNow(reason: string): void {
    if (this.#isClosed) return;
    this.#parts.onDropped(this, reason);
    this.#parts.socket.destroy();
    this.#ended();
  }

  #received(chunk: Buffer): void {
    const { counters, limits, monotonicMs } = this.#parts;
    counters.inputBytes += chunk.length;
    this.lastInputMs = monotonicMs();
    if (this.#isClosing || this.#isClosed) return;
    this.#decoder.push(chunk);
    this.#decode();
    this.#decoder.release();
    if (this.#decoder.bufferedBytes > limits.queryBytesMax) {
      counters.queryLimitDisconnectionCount += 1;
      this.closeNow("the query buffer limit was passed");
    }
    if (this.#isClosed || this.#isPaused || !this.#isFull()) return;
    this.#isPaused = true;
    this.#parts.socket.pause();
  }

  /**
   * The session is stalled and enough has come behind. With nothing waiting the socket is still
   * read, since only that shows that the client left; if it is blocked, with little waiting too.
   */
  #isFull(): boolean {
    const session = this.#session;
    if (!session?.isStalled) return false;
    const { bufferedBytes } = this.#decoder;
    return session.isBlocked ? bufferedBytes >= limits.blockedInputBytesMax : bufferedBytes > 0;
  }

  #decode(): void {
    const session = this.#session;
    if (session === undefined) return;
    const decoder = this.#decoder;
    decoder.bulkBytesMax = this.#parts.limits.bulkBytesMax;
    this.#isDecoding = true;
    session.beginBatch();
    while (!this.#isClosing && !this.#isClosed && !session.isStalled) {
      const { isAuthenticated } = session;
      decoder.isAuthenticated = isAuthenticated;
      const count = decodeSome(decoder, isAuthenticated ? AHEAD_MAX : 1);
      if (count === 0) break;
      if (count > 1) session.foresee(ahead, count);
      // What comes behind one that stalls or closes the session, the session keeps or leaves out.
      for (let index = 0; index < count; index += 1) session.execute(ahead[index]);
    }
    session.endBatch();
    this.#isDecoding = false;
    if (decoder.error === undefined || this.#isBroken || this.#isClosing || this.#isClosed) return;
    // What came before it is answered first.
    if (session.isStalled) return;
    this.#isBroken = true;
    this.#parts.counters.protocolErrorCount += 1;
    session.protocolError(`ERR ${decoder.error}`);
  }

  #drained(): void {
    this.#isBlocked = false;
    if (this.#encoder !== undefined) this.flush();
    else if (this.#isClosing) this.#finishClosing();
  }

  #finishClosing(): void {
    // `end` sends what node still holds first.
    if (!this.#isClosed) this.#parts.socket.end();
  }

  #ended(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#encoder = undefined;
    this.#session?.connectionClosed();
    this.#parts.socket.destroy();
    this.#parts.onClosed(this);
  }
}

/** Commands into `ahead`; how many. One at a time before authentication, which moves the limits. */
function decodeSome(decoder: FrameDecoder, countMax: number): number {
  let count = 0;
  while (count < countMax) {
    const args = decoder.next();
    if (args === undefined) break;
    ahead[count] = args;
    count += 1;
  }
  return count;
}

function hostText(address: string | undefined): string {
  if (address === undefined) return "?";
  return address.includes(":") ? `[${address}]` : address;
}
