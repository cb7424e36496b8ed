/**
 * Blocked clients over real sockets and a real log: served, timed out, gone, and in the way of
 * nobody who stops the server.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RawClient } from "../support/raw-client.ts";
import { startTestServer, type TestServer } from "../support/test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

/** Resolves once so many clients are blocked. */
async function whenBlocked(client: RawClient, count: number): Promise<void> {
  for (;;) {
    const information = await client.command("INFO", "clients");
    if (information.includes(`\r\nblocked_clients:${count}\r\n`)) return;
  }
}

describe("BLPOP over a socket", () => {
  it("is answered by another connection's push, and what came behind it after that", async () => {
    const waiting = await RawClient.open(server.port);
    const other = await RawClient.open(server.port);
    const replies = waiting.pipeline([
      ["BLPOP", "served", "0"],
      ["SET", "behind", "1"],
      ["GET", "behind"],
    ]);
    await whenBlocked(other, 1);
    expect(await other.command("EXISTS", "behind")).toBe(":0\r\n");
    expect(await other.command("RPUSH", "served", "a")).toBe(":1\r\n");
    expect(await replies).toEqual(["*2\r\n$6\r\nserved\r\n$1\r\na\r\n", "+OK\r\n", "$1\r\n1\r\n"]);
    waiting.close();
    other.close();
  });

  it("is answered with a null array after its timeout", async () => {
    const client = await RawClient.open(server.port);
    expect(await client.command("BLMOVE", "nothing", "m", "LEFT", "LEFT", "0.01")).toBe("*-1\r\n");
    await client.command("HELLO", "3");
    expect(await client.command("BLPOP", "nothing", "0.01")).toBe("_\r\n");
    client.close();
  });

  it("leaves the value to others when its client has gone, also one that sent more", async () => {
    const other = await RawClient.open(server.port);
    for (const behind of [[], Array.from({ length: 100 }, () => ["PING"])]) {
      const waiting = await RawClient.open(server.port);
      const replies = waiting.pipeline([["BLPOP", "left", "0"], ...behind]);
      await whenBlocked(other, 1);
      waiting.close();
      expect(new Set(await replies)).toEqual(new Set(["(closed)"]));
      await whenBlocked(other, 0);
    }
    await other.command("RPUSH", "left", "a");
    expect(await other.command("LLEN", "left")).toBe(":1\r\n");
    other.close();
  });

  it("does not keep the server from stopping, and what was taken stays taken", async () => {
    const own = await startTestServer();
    const waiting = await RawClient.open(own.port);
    const other = await RawClient.open(own.port);
    const served = waiting.command("BLPOP", "l", "0");
    const lost = waiting.command("BLPOP", "l", "0");
    await other.command("RPUSH", "l", "a");
    expect(await served).toBe("*2\r\n$1\r\nl\r\n$1\r\na\r\n");
    await own.crash();
    expect(await lost).toBe("(closed)");
    const next = await RawClient.open(own.port);
    expect(await next.command("EXISTS", "l")).toBe(":0\r\n");
    const last = next.command("BLPOP", "l", "0");
    const watching = await RawClient.open(own.port);
    await whenBlocked(watching, 1);
    await own.stop();
    expect(await last).toBe("(closed)");
  });
});
