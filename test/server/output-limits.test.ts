/**
 * Clients that ask and do not read, over a real socket: what the kernel does not take is held up to
 * a limit, a small one before authentication. Beyond it the client is let go and counted, and
 * everybody else is served.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { limits } from "../../src/base/limits.ts";
import { RawClient } from "../support/raw-client.ts";
import { startTestServer, type TestServer } from "../support/test-server.ts";

const PASSWORD = "secret";

let server: TestServer | undefined;
let silent: Socket | undefined;
afterEach(async () => {
  silent?.destroy();
  await server?.stop();
  server = undefined;
});

/** A client that never takes a byte out of its socket. */
async function connectSilent(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.pause();
  socket.setNoDelay(true);
  // Writing to a connection that the server has cut is what these tests end with.
  socket.on("error", () => {});
  await once(socket, "connect");
  silent = socket;
  return socket;
}

async function field(watcher: RawClient, section: string, name: string): Promise<number> {
  const text = await watcher.command("INFO", section);
  return Number(new RegExp(`^${name}:(\\d+)\r$`, "m").exec(text)?.[1]);
}

const disconnections = (watcher: RawClient) =>
  field(watcher, "stats", "client_output_buffer_limit_disconnections");

async function expectAlive(watcher: RawClient, port: number): Promise<void> {
  expect(await field(watcher, "clients", "connected_clients")).toBe(1);
  const next = await RawClient.open(port);
  expect(await next.command("AUTH", PASSWORD)).toBe("+OK\r\n");
  expect(await next.command("SET", "after", "1")).toBe("+OK\r\n");
  expect(await watcher.command("GET", "after")).toBe("$1\r\n1\r\n");
  next.close();
}

async function startWithWatcher(): Promise<{ port: number; watcher: RawClient }> {
  server = await startTestServer(["--requirepass", PASSWORD]);
  const watcher = await RawClient.open(server.port);
  expect(await watcher.command("AUTH", PASSWORD)).toBe("+OK\r\n");
  return { port: server.port, watcher };
}

describe("before authentication", () => {
  const REPLY = "-NOAUTH Authentication required.\r\n";
  const REPLIES_MAX = Math.floor(limits.unauthenticatedOutputBufferBytesMax / REPLY.length);

  it("replies up to the limit come, and one more ends the connection", async () => {
    const { port, watcher } = await startWithWatcher();
    const client = await RawClient.open(port);
    const commands = Array.from({ length: REPLIES_MAX }, () => ["GET", "a"]);
    expect(await client.pipeline(commands)).toEqual(commands.map(() => REPLY));
    expect(await disconnections(watcher)).toBe(0);
    const replies = await client.pipeline([...commands, ["GET", "a"]]);
    expect(replies.at(-1)).toBe("(closed)");
    expect(await disconnections(watcher)).toBe(1);
    await expectAlive(watcher, port);
    watcher.close();
  });

  it("a client that does not read is let go once the kernel takes no more", async () => {
    const { port, watcher } = await startWithWatcher();
    const socket = await connectSilent(port);
    // Few enough at a time that only replies which pile up can pass the limit.
    const asking = "HELLO 3\r\n".repeat(2);
    let askedCount = 0;
    while ((await disconnections(watcher)) === 0) {
      for (let round = 0; round < 100; round += 1) {
        socket.write(asking);
        await watcher.command("PING");
      }
      askedCount += 100;
    }
    expect(await disconnections(watcher)).toBe(1);
    // The kernel took what the first ones answered, many times the limit.
    expect(askedCount).toBeGreaterThan(100);
    await expectAlive(watcher, port);
    watcher.close();
  });
});

it("an authenticated client may leave outputBufferBytesMax unread, and no more", async () => {
  const { port, watcher } = await startWithWatcher();
  const valueBytes = limits.outputBufferBytesMax / 8;
  const created = await watcher.command("SETRANGE", "large", String(valueBytes - 1), "x");
  expect(created).toBe(`:${valueBytes}\r\n`);
  const socket = await connectSilent(port);
  socket.write(`AUTH ${PASSWORD}\r\nCLIENT SETNAME silent\r\n`);
  const heldBytes = async (): Promise<number> => {
    const list = await watcher.command("CLIENT", "LIST");
    return Number(/ name=silent .* omem=(\d+) /.exec(list)?.[1]);
  };
  // What the kernel took of a write counts until it has taken all of it.
  for (let count = 1; count < 8; count += 1) {
    socket.write("GET large\r\n");
    while (!((await heldBytes()) > count * valueBytes));
  }
  expect(await disconnections(watcher)).toBe(0);
  expect(await heldBytes()).toBeLessThanOrEqual(limits.outputBufferBytesMax);
  socket.write("GET large\r\n");
  while ((await disconnections(watcher)) === 0);
  expect(await disconnections(watcher)).toBe(1);
  await expectAlive(watcher, port);
  watcher.close();
});
