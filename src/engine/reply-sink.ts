/**
 * The two faces between a connection (server) and its session (engine).
 *
 * The connection decodes frames and calls `CommandReceiver.execute` for each; the session's gate
 * calls the `ReplySink` with replies, in the order of the commands, once nothing in them could be
 * lost. Replies are values; the connection encodes them into its output buffer when they come, so
 * a held reply must not refer to anything that mutates (stored Buffers are never written in place).
 */
import type { Bytes } from "../base/bytes.ts";
import type { Protocol, Reply } from "../resp/frame.ts";

export interface ReplySink {
  /** May be called many times in one turn of the event loop; the connection writes once. */
  send(reply: Reply, protocol: Protocol): void;
  /** The session can take commands again after `isStalled` was true. */
  resume(): void;
  /** Closes after what was sent so far has left. */
  closeWhenSent(): void;
  /** Closes now: killed, or shutting down. */
  closeNow(reason: string): void;
  /** Bytes waiting to be read by the client, for CLIENT LIST. */
  readonly outputBytes: number;
  readonly address: string;
  readonly localAddress: string;
}

export interface CommandReceiver {
  /** Several commands may follow, up to `endBatch`, within one call from the event loop. */
  beginBatch(): void;
  endBatch(): void;
  /** These will be executed next, in this order: a hint, so that memory can be fetched ahead. */
  foresee(commands: readonly Bytes[][], count: number): void;
  execute(args: Bytes[]): void;
  /**
   * True while the next command must wait: a write behind a search that is under way on the same
   * connection, CLIENT PAUSE, a backlog of held replies, a blocked command. The connection stops
   * decoding.
   */
  readonly isStalled: boolean;
  /** It is stalled because a command is blocked on a key: for long, and the client may leave. */
  readonly isBlocked: boolean;
  /** Decides which limits the decoder applies. */
  readonly isAuthenticated: boolean;
  /** The connection broke the protocol: reply with this text, then close. */
  protocolError(text: string): void;
  /** The socket is gone; nothing more will come. */
  connectionClosed(): void;
}
