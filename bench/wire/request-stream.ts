/**
 * One of an open load's two streams: requests of one command that are due at times of their own,
 * over a fixed number of connections in turn. A request's latency counts from when it was *due*:
 * what a stalled server, or its load, sends or answers late is not left out.
 */
import { performance } from "node:perf_hooks";
import type { Arrivals } from "./arrivals.ts";
import { TimedConnection } from "./timed-connection.ts";

/** What is measured, as times of `performance.now()`; what comes before it warms up. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export class RequestStream {
  /** Of requests that were due in the span; so is `latenessMs`, from due to sent. */
  readonly latenciesMs: number[];
  readonly latenessMs: number[];
  #answeredInSpanCount: number;
  #turn: number;
  readonly #connections: TimedConnection[];
  #span: Span;

  private constructor() {
    this.latenciesMs = [];
    this.latenessMs = [];
    this.#answeredInSpanCount = 0;
    this.#turn = 0;
    this.#connections = [];
    this.#span = { fromMs: Number.POSITIVE_INFINITY, toMs: 0 };
  }

  static async open(
    port: number,
    connectionCount: number,
    failed: (reason: Error) => void,
  ): Promise<RequestStream> {
    const stream = new RequestStream();
    const replied = (dueMs: number, nowMs: number): void => stream.#replied(dueMs, nowMs);
    for (let index = 0; index < connectionCount; index += 1) {
      stream.#connections.push(await TimedConnection.open(port, { replied, failed }));
    }
    return stream;
  }

  measure(span: Span): void {
    this.#span = span;
  }

  send(request: string, dueMs: number): void {
    this.#connections[this.#turn].send(request, dueMs);
    this.#turn = (this.#turn + 1) % this.#connections.length;
    if (dueMs >= this.#span.fromMs) this.latenessMs.push(performance.now() - dueMs);
  }

  /** `beginMs` is when the arrivals began. */
  sendDue(arrivals: Arrivals, beginMs: number, untilMs: number, makeRequest: () => string): void {
    for (; beginMs + arrivals.nextMs <= untilMs; arrivals.advance()) {
      this.send(makeRequest(), beginMs + arrivals.nextMs);
    }
  }

  get waitingCount(): number {
    return this.#connections.reduce((sum, connection) => sum + connection.waitingCount, 0);
  }

  /** Requests that were due in the span, for each second of it. */
  get offeredPerSecond(): number {
    return this.#perSecond(this.latenessMs.length);
  }

  /** Replies that came in the span, for each second of it, whenever they were due. */
  get answeredPerSecond(): number {
    return this.#perSecond(this.#answeredInSpanCount);
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  #replied(dueMs: number, nowMs: number): void {
    if (dueMs >= this.#span.fromMs) this.latenciesMs.push(nowMs - dueMs);
    if (nowMs >= this.#span.fromMs && nowMs < this.#span.toMs) this.#answeredInSpanCount += 1;
  }

  #perSecond(count: number): number {
    return (count * 1000) / (this.#span.toMs - this.#span.fromMs);
  }
}
