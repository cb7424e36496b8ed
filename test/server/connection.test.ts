/**
 * A connection between a socket that the test drives and a session that does as it is told.
 */
import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { type Bytes, toBinaryString } from "../../src/base/bytes.ts";
import { ErrorReply } from "../../src/base/errors.ts";
import { limits } from "../../src/base/limits.ts";
import type { CommandReceiver, ReplySink } from "../../src/engine/reply-sink.ts";
import { Configuration } from "../../src/server/configuration.ts";
import { Connection } from "../../src/server/connection.ts";
import { ConnectionLimits } from "../../src/server/connection-limits.ts";
import { FlushQueue } from "../../src/server/flush-queue.ts";
import { TrafficCounters } from "../../src/server/traffic-counters.ts";

class FakeSocket extends EventEmitter {
  readonly writes: string[] = [];
  writableLength = 0;
  isKernelFull = false;
  destroyed = false;
  hasEnded = false;
  isPaused = false;
  write(bytes: Uint8Array): boolean {
    this.writes.push(Buffer.from(bytes).toString("latin1"));
    if (this.isKernelFull) this.writableLength += bytes.length;
    return !this.isKernelFull;
  }
  end(): void {
    this.hasEnded = true;
  }
  destroy(): void {
    this.destroyed = true;
  }
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  setNoDelay(): void {}
  setKeepAlive(): void {}
}

class EchoSession implements CommandReceiver {
  isStalled = false;
  isBlocked = false;
  isAuthenticated = true;
  isClosed = false;
  readonly commands: string[][] = [];
  readonly errors: string[] = [];
  readonly #sink: ReplySink;
  constructor(sink: ReplySink) {
    this.#sink = sink;
  }
  beginBatch(): void {}
  endBatch(): void {}
  foresee(): void {}
  execute(args: Bytes[]): void {
    this.commands.push(args.map(toBinaryString));
    this.#sink.send(args[0], 2);
  }
  protocolError(text: string): void {
    this.errors.push(text);
    this.#sink.send(new ErrorReply(text), 2);
    this.#sink.closeWhenSent();
  }
  connectionClosed(): void {
    this.isClosed = true;
  }
}

function connect(given: readonly (readonly [string, string])[] = []) {
  const socket = new FakeSocket();
  const counters = new TrafficCounters();
  const connection = new Connection({
    socket,
    counters,
    flushQueue: new FlushQueue((run) => setImmediate(run)),
    limits: new ConnectionLimits(new Configuration(new Map(given), "", () => {})),
    monotonicMs: () => 0,
    onClosed: () => {},
    onDropped: () => {},
  });
  const session = new EchoSession(connection);
  connection.open(session);
  return { socket, counters, connection, session };
}

/** The flush queue writes in a microtask of the turn. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const receive = (socket: FakeSocket, text: string) => socket.emit("data", Buffer.from(text));

describe("replies", () => {
  it("of one turn are one write", async () => {
    const { socket } = connect();
    receive(socket, "a\r\nb\r\n");
    receive(socket, "c\r\n");
    expect(socket.writes).toEqual([]);
    await turn();
    expect(socket.writes).toEqual(["$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"]);
  });

  it("wait for the kernel and keep their order", async () => {
    const { socket } = connect();
    socket.isKernelFull = true;
    receive(socket, "a\r\n");
    await turn();
    receive(socket, "b\r\n");
    await turn();
    expect(socket.writes).toHaveLength(1);
    socket.writableLength = 0;
    socket.emit("drain");
    expect(socket.writes.join("")).toBe("$1\r\na\r\n$1\r\nb\r\n");
  });

  it("beyond outputBufferBytesMax that nobody reads close the connection, counted", async () => {
    const { socket, connection, counters, session } = connect();
    connection.send(Buffer.alloc(limits.outputBufferBytesMax - 1024), 2);
    expect(socket.destroyed).toBe(false);
    connection.send(Buffer.alloc(1024), 2);
    expect(socket.destroyed).toBe(true);
    expect(session.isClosed).toBe(true);
    expect(counters.outputLimitDisconnectionCount).toBe(1);
    await turn();
    expect(socket.writes).toEqual([]);
  });

  it("beyond unauthenticatedOutputBufferBytesMax close it before authentication", () => {
    const { socket, connection, session } = connect();
    session.isAuthenticated = false;
    connection.send("x".repeat(limits.unauthenticatedOutputBufferBytesMax - 100), 2);
    expect(socket.destroyed).toBe(false);
    connection.send("x".repeat(100), 2);
    expect(socket.destroyed).toBe(true);
  });
});

describe("a stalled session", () => {
  it("gets no commands, and the socket is not read until it goes on", () => {
    const { socket, connection, session } = connect();
    session.isStalled = true;
    receive(socket, "a\r\nb\r\n");
    expect(session.commands).toEqual([]);
    expect(socket.isPaused).toBe(true);
    connection.resume();
    expect(socket.isPaused).toBe(true);
    session.isStalled = false;
    connection.resume();
    expect(session.commands).toEqual([["a"], ["b"]]);
    expect(socket.isPaused).toBe(false);
  });

  it("that is blocked on a key is read on, so that its client is seen to leave, up to a limit", () => {
    const { socket, connection, session } = connect();
    session.isStalled = true;
    session.isBlocked = true;
    receive(socket, "a\r\n".repeat(100));
    expect(socket.isPaused).toBe(false);
    receive(socket, "a\r\n".repeat(limits.blockedInputBytesMax / 3));
    expect(socket.isPaused).toBe(true);
    session.isBlocked = false;
    session.isStalled = false;
    connection.resume();
    expect(session.commands).toHaveLength(100 + Math.floor(limits.blockedInputBytesMax / 3));
    expect(socket.isPaused).toBe(false);
  });

  it("gets no error for what breaks the protocol behind what it stalls on", () => {
    const { socket, connection, session } = connect();
    session.isStalled = true;
    receive(socket, "a\r\n*x\r\n");
    connection.resume();
    expect(session.errors).toEqual([]);
    session.isStalled = false;
    connection.resume();
    expect(session.commands).toEqual([["a"]]);
    expect(session.errors).toHaveLength(1);
  });
});

describe("input", () => {
  it("that breaks the protocol is answered, then the connection ends, and nothing more runs", async () => {
    const { socket, session, counters } = connect();
    receive(socket, "a\r\n*x\r\nb\r\n");
    receive(socket, "c\r\n");
    await turn();
    expect(session.commands).toEqual([["a"]]);
    expect(socket.writes).toEqual(["$1\r\na\r\n-ERR Protocol error: invalid multibulk length\r\n"]);
    expect(socket.hasEnded).toBe(true);
    expect(counters.protocolErrorCount).toBe(1);
  });

  it("beyond client-query-buffer-limit closes the connection, counted", () => {
    const bytesMax = 1024 * 1024;
    const { socket, counters } = connect([["client-query-buffer-limit", String(bytesMax)]]);
    receive(socket, "*1\r\n$2000000\r\n");
    socket.emit("data", Buffer.alloc(bytesMax));
    expect(socket.destroyed).toBe(false);
    socket.emit("data", Buffer.alloc(1));
    expect(socket.destroyed).toBe(true);
    expect(counters.queryLimitDisconnectionCount).toBe(1);
  });
});
