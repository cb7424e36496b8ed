/**
 * The door to the network: listening sockets and the connections they take.
 *
 * `NetworkSocket` is the part of node's Socket that a connection uses; node's own object is passed
 * through, because a wrapper around each write would cost more than the write.
 */
import net from "node:net";
import { NetworkBatch } from "./network-batch.ts";
import { BatchedSocket } from "./network-batched-socket.ts";
import { loadSocketAddon, type SocketAddon } from "./network-socket-set.ts";

export interface NetworkSocket {
  /** False when the kernel did not take all: `drain` follows. Copies nothing that it keeps. */
  write(bytes: Uint8Array): boolean;
  /** Bytes that the kernel has not taken yet. */
  readonly writableLength: number;
  end(): unknown;
  destroy(): unknown;
  readonly destroyed: boolean;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  setNoDelay(isOn: boolean): unknown;
  setKeepAlive(isOn: boolean, initialDelayMs: number): unknown;
  /** The chunk is lent for the length of the call: the next one comes in the same memory. */
  on(event: "data", listener: (chunk: Buffer) => void): unknown;
  on(event: "drain" | "end" | "close", listener: () => void): unknown;
  on(event: "error", listener: (reason: Error) => void): unknown;
  pause(): unknown;
  resume(): unknown;
}

export interface Listener {
  /** Where it really listens: port 0 asked for any. */
  readonly port: number;
  readonly address: string;
  /** Takes no more connections. */
  close(): Promise<void>;
}

export interface Network {
  listen(
    address: string,
    port: number,
    backlog: number,
    onConnection: (socket: NetworkSocket) => void,
  ): Promise<Listener>;
}

/** What libuv's handle shows of itself to JavaScript. */
interface NodeHandle {
  readonly fd?: number;
}

const READ_BYTES = 64 * 1024;
/** Views on shorter chunks are made once: most commands are short, and many are as long. */
const KEPT_VIEW_BYTES_MAX = 1024;
const readBuffer = Buffer.allocUnsafeSlow(READ_BYTES);
const keptViews: (Buffer | undefined)[] = [];

function viewOf(byteCount: number): Buffer {
  if (byteCount > KEPT_VIEW_BYTES_MAX) return readBuffer.subarray(0, byteCount);
  keptViews[byteCount] ??= readBuffer.subarray(0, byteCount);
  return keptViews[byteCount];
}

/**
 * Node allocates 64 KiB for each read of a socket, and collects it later: a tenth of what a command
 * costs. Its `onread` reads into memory of ours instead, but only for sockets made with it, so the
 * accepted handle gets a socket of its own. Where node has no such handle, the socket stays as it
 * is.
 */
function readingIntoSharedMemory(accepted: net.Socket, handle: NodeHandle): net.Socket {
  const socket = adopt(accepted, handle, {}, (chunk) => socket.emit("data", chunk));
  return socket;
}

/** Undefined where the system refuses, or node keeps its descriptors to itself. */
function readTogether(
  batch: NetworkBatch,
  accepted: net.Socket,
  handle: NodeHandle,
): NetworkSocket | undefined {
  if (handle.fd === undefined || handle.fd < 0) return undefined;
  return batch.add(handle.fd, (slot, generation) => {
    // Not reading yet, and with a `drain` after whatever had to wait, however little it was.
    const options = { manualStart: true, writableHighWaterMark: 0 };
    const node = adopt(accepted, handle, options, (chunk) => socket.receivedByNode(chunk));
    const socket: BatchedSocket = new BatchedSocket(batch, node, slot, generation);
    return socket;
  });
}

/** A new node socket on the handle, read into the shared memory. */
function adopt(
  accepted: net.Socket,
  handle: NodeHandle,
  options: object,
  onChunk: (chunk: Buffer) => void,
): net.Socket {
  const reading: net.SocketConstructorOpts = {
    allowHalfOpen: false,
    onread: {
      buffer: readBuffer,
      callback: (byteCount: number): boolean => {
        onChunk(viewOf(byteCount));
        return true;
      },
    },
  };
  const socket = new net.Socket(Object.assign(reading, options, { handle }));
  Object.assign(accepted, { _handle: null });
  // The server counts the accepted one until it closes.
  socket.once("close", () => accepted.destroy());
  return socket;
}

function wrap(accepted: net.Socket, batch: NetworkBatch | undefined): NetworkSocket {
  const { _handle: handle } = accepted as net.Socket & { _handle?: NodeHandle | null };
  if (handle === undefined || handle === null) {
    accepted.resume();
    return accepted;
  }
  const together = batch === undefined ? undefined : readTogether(batch, accepted, handle);
  return together ?? readingIntoSharedMemory(accepted, handle);
}

/** Without the addon every socket is node's own. */
export function createNetwork(loadAddon: () => SocketAddon | undefined): Network {
  let batch: NetworkBatch | undefined;
  let isLoaded = false;
  return {
    listen(address, port, backlog, onConnection) {
      if (!isLoaded) {
        const addon = loadAddon();
        if (addon !== undefined) batch = new NetworkBatch(addon);
        isLoaded = true;
      }
      return listen(address, port, backlog, (accepted) => onConnection(wrap(accepted, batch)));
    },
  };
}

export const systemNetwork: Network = createNetwork(loadSocketAddon);

function listen(
  address: string,
  port: number,
  backlog: number,
  onAccepted: (socket: net.Socket) => void,
): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = net.createServer(
      { noDelay: true, allowHalfOpen: false, pauseOnConnect: true },
      onAccepted,
    );
    server.once("error", reject);
    server.listen({ host: address, port, backlog }, () => {
      server.off("error", reject);
      // A failed accept (no descriptors left) must not end the process; the client sees a reset.
      server.on("error", () => {});
      const bound = server.address();
      const boundPort = typeof bound === "object" && bound !== null ? bound.port : port;
      resolve({
        port: boundPort,
        address,
        close: () => new Promise((done) => server.close(() => done())),
      });
      // `close` resolves when the last connection is gone; listening ends at once.
    });
  });
}
