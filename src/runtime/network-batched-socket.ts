/**
 * A socket whose bytes cross together with those of all others (`NetworkBatch`), and the node
 * socket behind it, which accepts, knows addresses, waits for slow clients, and closes.
 *
 * - Either the batch has the descriptor, or node has: the event loop knows one watcher for each.
 *   Node gets it for whatever waits or ends (output that the kernel does not take, the client's
 *   end, an error), and all that is written then goes through node, so that order is kept.
 * - It comes back with the next bytes that the client sends once node holds no output any more.
 * - It leaves the batch before node closes the descriptor, whose number may then be another's.
 */
import type net from "node:net";
import type { NetworkSocket } from "./network.ts";
import type { BatchMember, NetworkBatch } from "./network-batch.ts";

type Listener = (...values: never[]) => void;

export class BatchedSocket implements NetworkSocket, BatchMember {
  readonly slot: number;
  readonly generation: number;
  readonly #batch: NetworkBatch;
  readonly #node: net.Socket;
  #receive: (chunk: Buffer) => void;
  /** Node reads and writes. */
  #isWithNode: boolean;
  #isPaused: boolean;
  /** It ends, or was destroyed: node keeps it. */
  #isEnding: boolean;

  constructor(batch: NetworkBatch, node: net.Socket, slot: number, generation: number) {
    this.slot = slot;
    this.generation = generation;
    this.#batch = batch;
    this.#node = node;
    this.#receive = () => {};
    this.#isWithNode = false;
    this.#isPaused = true;
    this.#isEnding = false;
    node.once("close", () => this.#leave());
  }

  get writableLength(): number {
    return this.#node.writableLength;
  }

  get destroyed(): boolean {
    return this.#node.destroyed;
  }

  get remoteAddress(): string | undefined {
    return this.#node.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.#node.remotePort;
  }

  get localAddress(): string | undefined {
    return this.#node.localAddress;
  }

  get localPort(): number | undefined {
    return this.#node.localPort;
  }

  setNoDelay(isOn: boolean): unknown {
    return this.#node.setNoDelay(isOn);
  }

  setKeepAlive(isOn: boolean, initialDelayMs: number): unknown {
    return this.#node.setKeepAlive(isOn, initialDelayMs);
  }

  /** "data" has one listener, and begins the reading; the rest is node's. */
  on(event: string, listener: Listener): unknown {
    if (event === "data") {
      this.#receive = listener as (chunk: Buffer) => void;
      this.resume();
    } else {
      this.#node.on(event, listener as () => void);
    }
    return this;
  }

  write(bytes: Uint8Array): boolean {
    if (!this.#isWithNode) {
      if (this.#batch.queue(this, bytes)) return true;
      this.#batch.flush();
      this.#handOver();
    }
    return this.#node.write(bytes);
  }

  end(): unknown {
    this.#batch.flush();
    this.#isEnding = true;
    this.#handOver();
    return this.#node.end();
  }

  destroy(): unknown {
    if (!this.#isEnding) this.#batch.flush();
    this.#leave();
    return this.#node.destroy();
  }

  pause(): unknown {
    if (this.#isPaused) return this;
    this.#isPaused = true;
    if (this.#isWithNode) this.#node.pause();
    else this.#batch.set.stopReading(this.slot, this.generation);
    return this;
  }

  resume(): unknown {
    if (!this.#isPaused) return this;
    this.#isPaused = false;
    if (this.#isWithNode || !this.#startReading()) this.#handOver();
    return this;
  }

  received(chunk: Buffer): void {
    this.#receive(chunk);
  }

  stopped(): void {
    this.#isEnding = true;
    this.#handOver();
  }

  sentInPart(rest: Buffer): void {
    this.#handOver();
    this.#node.write(rest);
  }

  /** From node, while it has the descriptor. */
  receivedByNode(chunk: Buffer): void {
    if (!this.#isEnding && !this.#isPaused && this.#node.writableLength === 0) {
      this.#node.pause();
      if (this.#startReading()) this.#isWithNode = false;
      else this.#node.resume();
    }
    this.#receive(chunk);
  }

  #startReading(): boolean {
    return this.#batch.set.startReading(this.slot, this.generation) === 0;
  }

  #handOver(): void {
    if (!this.#isWithNode) this.#batch.set.stopReading(this.slot, this.generation);
    this.#isWithNode = true;
    if (!this.#isPaused && !this.#node.destroyed) this.#node.resume();
  }

  #leave(): void {
    this.#isEnding = true;
    this.#isWithNode = true;
    this.#batch.remove(this);
  }
}
