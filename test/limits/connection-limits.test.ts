/**
 * The limits of connections and of what they send, each reached: at the limit it works, one further
 * is Redis's error.
 */
import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { type Bytes, toBinaryString } from "../../src/base/bytes.ts";
import { limits } from "../../src/base/limits.ts";
import { FrameDecoder } from "../../src/resp/decoder.ts";
import { FakeWorld } from "../../src/runtime/fake-world.ts";
import type { Listener, Network, NetworkSocket } from "../../src/runtime/network.ts";
import { Configuration } from "../../src/server/configuration.ts";
import { ConnectionLimits } from "../../src/server/connection-limits.ts";
import { Server } from "../../src/server/server.ts";
import { TrafficCounters } from "../../src/server/traffic-counters.ts";
import { silentLogger } from "../support/in-process-server.ts";
import { MemoryConfiguration } from "../support/memory-configuration.ts";

function errorOf(stream: string, isAuthenticated = true): string | undefined {
  const decoder = new FrameDecoder(isAuthenticated);
  decoder.push(Buffer.from(stream));
  decoder.next();
  return decoder.error;
}

describe("what a frame may declare", () => {
  const refused = (what: string) => `Protocol error: ${what}`;

  test("argumentBytesMax, which any key may have", () => {
    const longest = limits.argumentBytesMax;
    expect(errorOf(`*1\r\n$${longest}\r\n`)).toBeUndefined();
    expect(errorOf(`*1\r\n$${longest + 1}\r\n`)).toBe(refused("invalid bulk length"));
    expect(toBinaryString(Buffer.alloc(longest))).toHaveLength(longest);
  });

  test("bulkBytesMax, whatever proto-max-bulk-len says", () => {
    const configuration = new MemoryConfiguration();
    expect(configuration.number("proto-max-bulk-len")).toBe(limits.bulkBytesMax);
    expect(new ConnectionLimits(configuration).bulkBytesMax).toBe(limits.argumentBytesMax);
  });

  test("multibulkCountMax", () => {
    const text = refused("invalid multibulk length");
    expect(errorOf(`*${limits.multibulkCountMax}\r\n`)).toBeUndefined();
    expect(errorOf(`*${limits.multibulkCountMax + 1}\r\n`)).toBe(text);
  });

  test("unauthenticatedMultibulkCountMax", () => {
    const count = limits.unauthenticatedMultibulkCountMax;
    const text = refused("unauthenticated multibulk length");
    expect(errorOf(`*${count}\r\n`, false)).toBeUndefined();
    expect(errorOf(`*${count + 1}\r\n`, false)).toBe(text);
  });

  test("unauthenticatedBulkBytesMax", () => {
    const byteCount = limits.unauthenticatedBulkBytesMax;
    const text = refused("unauthenticated bulk length");
    expect(errorOf(`*1\r\n$${byteCount}\r\n`, false)).toBeUndefined();
    expect(errorOf(`*1\r\n$${byteCount + 1}\r\n`, false)).toBe(text);
  });

  test("inlineBytesMax", () => {
    const text = refused("too big inline request");
    expect(errorOf("a".repeat(limits.inlineBytesMax))).toBeUndefined();
    expect(errorOf("a".repeat(limits.inlineBytesMax + 1))).toBe(text);
    expect(errorOf(`${"a".repeat(limits.inlineBytesMax - 1)}\r\n`)).toBeUndefined();
    expect(errorOf(`${"a".repeat(limits.inlineBytesMax)}\r\n`)).toBe(text);
  });
});

class FakeSocket extends EventEmitter implements NetworkSocket {
  readonly writableLength = 0;
  readonly writes: string[] = [];
  destroyed = false;
  hasEnded = false;
  write(bytes: Uint8Array): boolean {
    this.writes.push(Buffer.from(bytes).toString("latin1"));
    return true;
  }
  end(): void {
    this.hasEnded = true;
  }
  destroy(): void {
    this.destroyed = true;
  }
  setNoDelay(): void {}
  setKeepAlive(): void {}
  pause(): void {}
  resume(): void {}
}

/** A network on which the test connects. */
class FakeNetwork implements Network {
  #onConnection: (socket: NetworkSocket) => void = () => {};
  listen(
    address: string,
    port: number,
    _backlog: number,
    onConnection: (socket: NetworkSocket) => void,
  ): Promise<Listener> {
    this.#onConnection = onConnection;
    return Promise.resolve({ address, port, close: () => Promise.resolve() });
  }
  connect(): FakeSocket {
    const socket = new FakeSocket();
    this.#onConnection(socket);
    return socket;
  }
}

/** A session that asks for more, whatever comes. */
const waitingSession = {
  isStalled: false,
  isBlocked: false,
  isAuthenticated: true,
  beginBatch() {},
  endBatch() {},
  foresee() {},
  execute(_args: Bytes[]): void {},
  protocolError(): void {},
  connectionClosed(): void {},
};

async function listeningServer(configured: readonly (readonly [string, string])[]) {
  const network = new FakeNetwork();
  const world = new FakeWorld();
  const counters = new TrafficCounters();
  const server = new Server({
    network,
    clock: world,
    timers: world,
    logger: silentLogger,
    limits: new ConnectionLimits(new Configuration(new Map(configured), "", () => {})),
    counters,
    createSession: () => waitingSession,
  });
  await server.listen(["127.0.0.1"], 1);
  return { network, counters, server };
}

describe("connections", () => {
  test("connectionsMax", async () => {
    const { network, counters, server } = await listeningServer([]);
    const sockets = Array.from({ length: limits.connectionsMax }, () => network.connect());
    expect(server.connections.size).toBe(limits.connectionsMax);
    expect(counters.rejectedConnectionCount).toBe(0);
    const refused = network.connect();
    expect(refused.writes).toEqual(["-ERR max number of clients reached\r\n"]);
    expect(refused.hasEnded).toBe(true);
    expect(counters.rejectedConnectionCount).toBe(1);
    sockets[0].emit("close");
    network.connect();
    expect(counters.rejectedConnectionCount).toBe(1);
  });

  test("queryBufferBytesMax", async () => {
    const { network, counters } = await listeningServer([]);
    const socket = network.connect();
    // Arguments that have come whole count until their command has.
    const size = limits.queryBufferBytesMax / 4;
    socket.emit("data", Buffer.from("*5\r\n"));
    const bulk = Buffer.alloc(size);
    for (let count = 0; count < 4; count += 1) {
      expect(socket.destroyed).toBe(false);
      socket.emit("data", Buffer.from(`$${size}\r\n`));
      socket.emit("data", bulk);
      socket.emit("data", Buffer.from("\r\n"));
    }
    expect(socket.destroyed).toBe(false);
    socket.emit("data", Buffer.from("$9\r\nx"));
    expect(socket.destroyed).toBe(true);
    expect(counters.queryLimitDisconnectionCount).toBe(1);
  });
});
