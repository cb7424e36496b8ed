/**
 * Sockets as a connection sees them, node's own and those that are read and written together: the
 * same bytes in the same order, whatever waits, pauses, ends, or goes away.
 */
import net from "node:net";
import { afterEach, describe, expect, it, onTestFailed } from "vitest";
import { createNetwork, type Listener, type NetworkSocket } from "../../src/runtime/network.ts";
import { loadSocketAddon } from "../../src/runtime/network-socket-set.ts";
import { seededRandom } from "../support/command-grammar.ts";

const seed = Number(process.env["LODESTONE_SEED"] ?? Date.now() % 2 ** 31);

const networks = {
  "node's sockets": createNetwork(() => undefined),
  "sockets together": createNetwork(loadSocketAddon),
};

let listener: Listener | undefined;
const clients: net.Socket[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await listener?.close();
  listener = undefined;
});

/** Resolves when the state is there; asked again once a turn of the event loop. */
async function until(isThere: () => boolean): Promise<void> {
  while (!isThere()) await new Promise((resolve) => setImmediate(resolve));
}

class Client {
  readonly socket: net.Socket;
  readonly received: Buffer[] = [];
  isEnded = false;
  constructor(port: number) {
    this.socket = net.connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    this.socket.on("data", (chunk) => this.received.push(chunk));
    this.socket.on("end", () => {
      this.isEnded = true;
    });
    this.socket.on("error", () => {});
    clients.push(this.socket);
  }
  get bytes(): Buffer {
    return Buffer.concat(this.received);
  }
  get byteCount(): number {
    return this.received.reduce((sum, chunk) => sum + chunk.length, 0);
  }
}

it("sockets together are there on Linux", () => {
  expect(loadSocketAddon() !== undefined).toBe(process.platform === "linux");
});

describe.each(Object.entries(networks))("%s", (_name, network) => {
  async function serve(onSocket: (socket: NetworkSocket) => void): Promise<number> {
    listener = await network.listen("127.0.0.1", 0, 511, (socket) => {
      socket.on("error", () => {});
      onSocket(socket);
    });
    return listener.port;
  }

  it("bring what was sent, in order, however it was cut", async () => {
    onTestFailed(() => console.error(`LODESTONE_SEED=${seed}`));
    const random = seededRandom(seed);
    const port = await serve((socket) =>
      socket.on("data", (chunk) => socket.write(Buffer.from(chunk))),
    );
    const echoes = Array.from({ length: 20 }, () => ({
      client: new Client(port),
      sent: Buffer.from(
        Array.from({ length: Math.floor(random() * 200_000) }, () => random() * 256),
      ),
    }));
    for (const { client, sent } of echoes) {
      for (let at = 0; at < sent.length; ) {
        const end = at + 1 + Math.floor(random() ** 4 * 70_000);
        client.socket.write(sent.subarray(at, end));
        at = end;
      }
    }
    await until(() => echoes.every(({ client, sent }) => client.byteCount >= sent.length));
    for (const { client, sent } of echoes) expect(client.bytes.equals(sent)).toBe(true);
  });

  it("keep the order of what the kernel does not take, say when it is gone, and go on", async () => {
    let server: NetworkSocket | undefined;
    let drainCount = 0;
    const port = await serve((socket) => {
      server = socket;
      socket.on("drain", () => {
        drainCount += 1;
      });
      socket.on("data", (chunk) => socket.write(Buffer.from(chunk)));
    });
    const client = new Client(port);
    client.socket.pause();
    await until(() => server !== undefined);
    const expected: Buffer[] = [];
    for (let piece = 0; piece < 400; piece += 1) {
      const bytes = Buffer.alloc(piece % 3 === 0 ? 200_000 : 30_000, piece);
      expected.push(bytes);
      server?.write(bytes);
      if (piece % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => (server?.writableLength ?? 0) > 0);
    expect(drainCount).toBe(0);
    client.socket.resume();
    const whole = Buffer.concat(expected);
    await until(() => client.byteCount === whole.length && server?.writableLength === 0);
    expect(client.bytes.equals(whole)).toBe(true);
    await until(() => drainCount > 0);
    for (let round = 0; round < 3; round += 1) {
      client.received.length = 0;
      client.socket.write(`again ${round}`);
      await until(() => client.bytes.toString() === `again ${round}`);
    }
  });

  it("send all before they end", async () => {
    const whole = Buffer.alloc(12_000_000, "x");
    const port = await serve((socket) => {
      socket.on("data", () => {});
      socket.write(whole.subarray(0, 10));
      socket.write(whole.subarray(10));
      socket.end();
    });
    const client = new Client(port);
    await until(() => client.isEnded);
    expect(client.byteCount).toBe(whole.length);
  });

  it("tell of a client's end and of a reset, once", async () => {
    const told: string[] = [];
    const port = await serve((socket) => {
      socket.on("data", (chunk) => told.push(chunk.toString()));
      socket.on("end", () => told.push("end"));
      socket.on("close", () => told.push("close"));
    });
    const first = new Client(port);
    first.socket.end("bye");
    await until(() => told.includes("close"));
    expect(told).toEqual(["bye", "end", "close"]);
    told.length = 0;
    const second = new Client(port);
    second.socket.write("hello");
    await until(() => told.includes("hello"));
    second.socket.resetAndDestroy();
    await until(() => told.includes("close"));
    expect(told.filter((event) => event === "close")).toHaveLength(1);
  });

  it("bring nothing to one that was destroyed, nor to who came after it", async () => {
    const sockets: NetworkSocket[] = [];
    const heard: string[][] = [];
    const port = await serve((socket) => {
      const place = sockets.push(socket) - 1;
      heard[place] = [];
      socket.on("data", (chunk) => {
        heard[place].push(chunk.toString());
        // Whoever is heard first of a turn ends the others.
        for (const other of sockets) if (other !== socket) other.destroy();
      });
    });
    const group = Array.from({ length: 5 }, () => new Client(port));
    await until(() => sockets.length === 5);
    for (const client of group) client.socket.write("me");
    await until(() => sockets.filter(({ destroyed }) => destroyed).length === 4);
    await until(() => group.filter(({ isEnded, socket }) => isEnded || socket.closed).length >= 4);
    expect(heard.flat()).toEqual(["me"]);
    const later = new Client(port);
    await until(() => sockets.length === 6);
    later.socket.write("later");
    await until(() => heard[5].length > 0);
    expect(heard[5]).toEqual(["later"]);
  });

  it("bring nothing while they are paused, and all of it after", async () => {
    const sockets: NetworkSocket[] = [];
    const heard: string[] = [];
    const port = await serve((socket) => {
      const place = sockets.push(socket) - 1;
      heard[place] = "";
      socket.on("data", (chunk) => {
        heard[place] += chunk.toString();
        if (heard[place].endsWith("stop")) socket.pause();
      });
    });
    const paused = new Client(port);
    paused.socket.write("stop");
    await until(() => heard[0] === "stop");
    paused.socket.write(" and go");
    const other = new Client(port);
    for (let round = 1; round <= 3; round += 1) {
      other.socket.write("x");
      await until(() => heard[1]?.length === round);
    }
    expect(heard[0]).toBe("stop");
    sockets[0].resume();
    await until(() => heard[0] === "stop and go");
  });
});
