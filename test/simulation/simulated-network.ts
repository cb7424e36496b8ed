/**
 * The network's twin: sockets whose chunks come in turns of their own, late, cut in two, or never.
 *
 * What a server has written counts as told at once, since it would arrive even if the server dies;
 * the client looks at it in a later turn.
 */
import type { Listener, Network, NetworkSocket } from "../../src/runtime/network.ts";
import { FrameSplitter } from "./frame-splitter.ts";
import type { Scheduler } from "./scheduler.ts";

const LATENCY_MAX_MS = 2;
const BLOCKED_SHARE = 0.02;
const BLOCKED_MS = 20;

type Handler = (argument: never) => void;

/** Both ends of one connection. */
export class SimulatedSocket implements NetworkSocket {
  readonly remoteAddress = "10.0.0.1";
  readonly remotePort: number;
  readonly localAddress = "10.0.0.9";
  readonly localPort = 6379;
  writableLength = 0;
  destroyed = false;
  /** Whole replies that have left the server. */
  readonly told: string[] = [];
  /** The client sees that it was closed. */
  isCutOff = false;
  /** Called when the client has something to look at. */
  onTold: () => void = () => undefined;
  readonly #scheduler: Scheduler;
  readonly #splitter = new FrameSplitter();
  readonly #handlers = new Map<string, Handler[]>();
  readonly #inbound: Buffer[] = [];
  #isDelivering = false;
  #isPaused = false;

  constructor(scheduler: Scheduler, port: number) {
    this.#scheduler = scheduler;
    this.remotePort = port;
  }

  on(event: string, listener: Handler): this {
    const handlers = this.#handlers.get(event) ?? [];
    handlers.push(listener);
    this.#handlers.set(event, handlers);
    return this;
  }

  write(bytes: Uint8Array): boolean {
    if (this.destroyed || this.isCutOff) return true;
    for (const frame of this.#splitter.push(bytes)) this.told.push(frame);
    this.#scheduler.after(this.#latencyMs(), () => this.onTold());
    if (!this.#scheduler.happens(BLOCKED_SHARE)) return true;
    this.writableLength = bytes.length;
    this.#scheduler.after(this.#scheduler.below(BLOCKED_MS), () => {
      this.writableLength = 0;
      if (!this.destroyed) this.#emit("drain");
    });
    return false;
  }

  end(): void {
    this.destroy();
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.#scheduler.after(0, () => {
      this.isCutOff = true;
      this.#emit("close");
      this.onTold();
    });
  }

  setNoDelay(): void {}

  setKeepAlive(): void {}

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#deliverLater();
  }

  /** The client's bytes, on their way. */
  sendToServer(bytes: Buffer): void {
    this.#inbound.push(bytes);
    this.#deliverLater();
  }

  /** The client leaves; what it sent may have come or not. */
  leave(): void {
    if (this.isCutOff) return;
    this.isCutOff = true;
    this.#scheduler.after(this.#latencyMs(), () => {
      if (this.destroyed) return;
      this.destroyed = true;
      this.#emit("close");
    });
  }

  /** The server's process is gone. */
  die(): void {
    this.destroyed = true;
    this.isCutOff = true;
    this.#handlers.clear();
    this.#inbound.length = 0;
    this.onTold();
  }

  #deliverLater(): void {
    if (this.#isDelivering || this.#inbound.length === 0) return;
    this.#isDelivering = true;
    this.#scheduler.after(this.#latencyMs(), () => {
      this.#isDelivering = false;
      if (this.destroyed || this.#isPaused) return;
      const chunk = this.#inbound.shift();
      if (chunk !== undefined) this.#emit("data", chunk);
      this.#deliverLater();
    });
  }

  #latencyMs(): number {
    return this.#scheduler.random.fraction() * LATENCY_MAX_MS;
  }

  #emit(event: string, argument?: unknown): void {
    for (const handler of this.#handlers.get(event) ?? []) handler(argument as never);
  }
}

/** What one process listens with. */
export class SimulatedNetwork implements Network {
  readonly sockets: SimulatedSocket[] = [];
  #accept: ((socket: NetworkSocket) => void) | undefined;

  async listen(
    address: string,
    port: number,
    _backlog: number,
    onConnection: (socket: NetworkSocket) => void,
  ): Promise<Listener> {
    this.#accept = onConnection;
    return {
      port,
      address,
      close: async () => {
        this.#accept = undefined;
      },
    };
  }

  /** Undefined while nobody listens. */
  connect(scheduler: Scheduler, port: number): SimulatedSocket | undefined {
    if (this.#accept === undefined) return undefined;
    const socket = new SimulatedSocket(scheduler, port);
    this.sockets.push(socket);
    this.#accept(socket);
    return socket;
  }
}
