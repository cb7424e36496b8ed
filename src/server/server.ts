/**
 * The server: listeners on every bound address, the connections that they took, and their timeouts.
 *
 * It knows the engine only as a maker of sessions. `stop` takes no more connections and leaves the
 * open ones to the engine, which closes each once its replies have left.
 */
import type { CommandReceiver, ReplySink } from "../engine/reply-sink.ts";
import type { Clock, TimerHandle, Timers } from "../runtime/clock.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Listener, Network, NetworkSocket } from "../runtime/network.ts";
import { Connection } from "./connection.ts";
import type { ConnectionLimits } from "./connection-limits.ts";
import { FlushQueue } from "./flush-queue.ts";
import type { TrafficCounters } from "./traffic-counters.ts";

const LISTEN_BACKLOG = 511;
const IDLE_CHECK_PERIOD_MS = 1000;
const TOO_MANY = Buffer.from("-ERR max number of clients reached\r\n");

export interface ServerParts {
  readonly network: Network;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly limits: ConnectionLimits;
  readonly counters: TrafficCounters;
  readonly createSession: (sink: ReplySink) => CommandReceiver;
}

export class Server {
  readonly connections: Set<Connection>;
  readonly #parts: ServerParts;
  readonly #flushQueue: FlushQueue;
  readonly #listeners: Listener[];
  #idleTimer: TimerHandle | undefined;

  constructor(parts: ServerParts) {
    this.connections = new Set();
    this.#parts = parts;
    this.#flushQueue = new FlushQueue(parts.timers.soon);
    this.#listeners = [];
    this.#idleTimer = undefined;
  }

  /** Listens on every address; the port that was really taken (0 asks for any). */
  async listen(addresses: readonly string[], port: number): Promise<number> {
    let bound = port;
    for (const address of addresses) {
      const listener = await this.#parts.network.listen(address, bound, LISTEN_BACKLOG, (socket) =>
        this.#accept(socket),
      );
      this.#listeners.push(listener);
      bound = listener.port;
    }
    this.#idleTimer = this.#parts.timers.every(IDLE_CHECK_PERIOD_MS, () => this.#closeIdle());
    return bound;
  }

  /** Takes no more connections; those that are open go on. */
  stopListening(): void {
    this.#idleTimer?.cancel();
    for (const listener of this.#listeners) void listener.close();
    this.#listeners.length = 0;
  }

  /** Resolves when the last connection is gone; after `graceMs` they are cut off. */
  whenEmpty(graceMs: number): Promise<void> {
    const { clock, timers } = this.#parts;
    const deadline = clock.monotonicMs() + graceMs;
    return new Promise((resolve) => {
      const check = (): void => {
        if (this.connections.size === 0) {
          resolve();
          return;
        }
        if (clock.monotonicMs() > deadline) {
          for (const connection of [...this.connections]) connection.closeNow("shutting down");
        }
        timers.after(5, check);
      };
      check();
    });
  }

  #accept(socket: NetworkSocket): void {
    const { limits, counters, clock, logger } = this.#parts;
    if (this.connections.size >= limits.connectionsMax) {
      counters.rejectedConnectionCount += 1;
      socket.on("error", () => {});
      socket.write(TOO_MANY);
      socket.end();
      return;
    }
    if (limits.keepAliveMs > 0) socket.setKeepAlive(true, limits.keepAliveMs);
    const connection = new Connection({
      socket,
      flushQueue: this.#flushQueue,
      limits,
      counters,
      monotonicMs: () => clock.monotonicMs(),
      onClosed: (closed) => this.connections.delete(closed),
      onDropped: (dropped, reason) => {
        logger.warn({ address: dropped.address, reason }, "closed a connection");
      },
    });
    this.connections.add(connection);
    connection.open(this.#parts.createSession(connection));
  }

  #closeIdle(): void {
    const { limits, counters, clock } = this.#parts;
    if (limits.idleTimeoutMs === 0) return;
    const before = clock.monotonicMs() - limits.idleTimeoutMs;
    for (const connection of [...this.connections]) {
      if (connection.lastInputMs >= before || connection.isBlocked) continue;
      counters.idleDisconnectionCount += 1;
      connection.closeNow("idle for longer than the timeout");
    }
  }
}
