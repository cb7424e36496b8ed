/**
 * The door to the network: listening sockets and the connections they take.
 *
 * `NetworkSocket` is the part of node's Socket that a connection uses; node's own object is passed
 * through, because a wrapper around each write would cost more than the write.
 */
import net from "node:net";

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

export const systemNetwork: Network = {
  listen(address, port, backlog, onConnection) {
    return new Promise((resolve, reject) => {
      const server = net.createServer({ noDelay: true, allowHalfOpen: false }, onConnection);
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
  },
};
