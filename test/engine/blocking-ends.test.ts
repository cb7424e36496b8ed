/**
 * How a wait ends without being served: timeouts, CLIENT UNBLOCK, connections that go, a log that
 * fails, a stop; and when what a served client took may be shown.
 */
import { describe, expect, it } from "vitest";
import { type InProcessClient, InProcessServer } from "../support/in-process-server.ts";

function waiting(server: InProcessServer, ...args: (string | number)[]): InProcessClient {
  const client = server.connect();
  expect(client.tryCommand(...args)).toBeUndefined();
  return client;
}

describe("a timeout", () => {
  it("ends the wait at its time, with fractions of a second", () => {
    const server = new InProcessServer();
    const client = waiting(server, "BLPOP", "l", "1.5");
    server.world.advance(1499);
    expect(client.replies).toHaveLength(0);
    server.world.advance(1);
    expect(client.take()).toBeNull();
    server.connect().command("RPUSH", "l", "a");
    expect(client.command("LLEN", "l")).toBe(1);
  });

  it("of nothing waits for ever, and a long one longer than a timer holds", () => {
    const server = new InProcessServer();
    const client = waiting(server, "BLPOP", "l", "0");
    const patient = waiting(server, "BLPOP", "m", "3000000");
    server.world.advance(2_999_999_999);
    expect(client.take()).toBeUndefined();
    expect(patient.take()).toBeUndefined();
    server.world.advance(1);
    expect(patient.take()).toBeNull();
  });

  it("is a null array for every command, and null in RESP3", () => {
    const server = new InProcessServer();
    for (const command of [
      ["BLPOP", "l", "0.01"],
      ["BLMOVE", "l", "m", "LEFT", "LEFT", "0.01"],
      ["BRPOPLPUSH", "l", "m", "0.01"],
      ["BLMPOP", "0.01", "1", "l", "LEFT"],
    ]) {
      const client = waiting(server, ...command);
      server.world.advance(10);
      expect(client.replies[0].reply).toMatchObject({});
      expect(client.replies[0].reply?.constructor.name).toBe("NullArray");
    }
  });

  it("that is no timeout is refused, before the keys are looked at", () => {
    const server = new InProcessServer();
    const client = server.connect();
    client.command("SET", "l", "a string");
    const notAFloat = "ERR timeout is not a float or out of range";
    for (const [timeout, text] of [
      ["-1", "ERR timeout is negative"],
      ["-0.5", "ERR timeout is negative"],
      ["-inf", "ERR timeout is negative"],
      ["inf", "ERR timeout is out of range"],
      ["1e40", "ERR timeout is out of range"],
      ["9223372036854775", "ERR timeout is out of range"],
      ["0x7FFFFFFFFFFFFF", "ERR timeout is out of range"],
      ["a", notAFloat],
      ["", notAFloat],
      ["nan", notAFloat],
      [" 1", notAFloat],
    ]) {
      expect(client.error("BLPOP", "l", timeout)).toBe(text);
    }
  });

  it("lets go on with what was sent behind, and with waiting again", () => {
    const server = new InProcessServer();
    const client = waiting(server, "BLPOP", "l", "1");
    client.post("BLPOP", "l", "1");
    client.post("PING");
    server.world.advance(1000);
    expect(client.take()).toBeNull();
    server.world.runSoon();
    expect(client.take()).toBeUndefined();
    server.world.advance(1000);
    server.world.runSoon();
    expect([client.take(), client.take()]).toEqual([null, "PONG"]);
  });

  it("is counted as a call", () => {
    const server = new InProcessServer();
    waiting(server, "BLPOP", "l", "1");
    server.world.advance(1000);
    const information = String(server.connect().command("INFO", "commandstats"));
    expect(information).toMatch(/cmdstat_blpop:calls=1,.*failed_calls=0/);
  });

  it("does not begin anew when the client was tried in vain", () => {
    const server = new InProcessServer();
    const client = waiting(server, "BLPOP", "l", "1");
    server.world.advance(900);
    const other = server.connect();
    other.command("MULTI");
    other.command("RPUSH", "l", "a");
    other.command("DEL", "l");
    other.command("EXEC");
    server.world.advance(100);
    expect(client.take()).toBeNull();
  });
});

describe("CLIENT UNBLOCK", () => {
  it("ends the wait as a timeout or with an error, and says whether there was one", () => {
    const server = new InProcessServer();
    const other = server.connect();
    for (const [how, expected] of [
      [[], null],
      [["TIMEOUT"], null],
      [["error"], { text: "UNBLOCKED client unblocked via CLIENT UNBLOCK" }],
    ] as const) {
      const client = server.connect();
      const id = String(client.command("CLIENT", "ID"));
      expect(other.command("CLIENT", "UNBLOCK", id, ...how)).toBe(0);
      client.tryCommand("BLPOP", "l", "0");
      expect(other.command("CLIENT", "UNBLOCK", id, ...how)).toBe(1);
      const reply = client.take();
      if (expected === null) expect(reply).toBeNull();
      else expect(reply).toMatchObject(expected);
      expect(other.command("CLIENT", "UNBLOCK", id, ...how)).toBe(0);
      server.world.runSoon();
      expect(client.command("PING")).toBe("PONG");
    }
    expect(other.command("CLIENT", "UNBLOCK", "999")).toBe(0);
    expect(other.error("CLIENT", "UNBLOCK", "1", "NOW")).toBe(
      "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR",
    );
    const information = String(other.command("INFO", "all"));
    expect(information).toMatch(/cmdstat_blpop:calls=3,.*failed_calls=1/);
    expect(information).toMatch(/errorstat_UNBLOCKED:count=1/);
  });

  it("works inside MULTI, between writes that would have served it", () => {
    const server = new InProcessServer();
    const client = server.connect();
    const id = String(client.command("CLIENT", "ID"));
    client.tryCommand("BLPOP", "l", "0");
    const other = server.connect();
    other.command("MULTI");
    other.command("RPUSH", "l", "a");
    other.command("CLIENT", "UNBLOCK", id);
    other.command("RPUSH", "l", "b");
    expect(other.command("EXEC")).toEqual([1, 1, 2]);
    expect(client.take()).toBeNull();
    expect(other.command("LRANGE", "l", 0, -1)).toEqual(["a", "b"]);
  });
});

describe("a connection that goes", () => {
  it("takes nothing: the next one in the queue is served", () => {
    const server = new InProcessServer();
    const gone = waiting(server, "BLPOP", "l", "0");
    const killed = waiting(server, "BLPOP", "l", "7");
    const client = waiting(server, "BLPOP", "l", "0");
    gone.receiver.connectionClosed();
    const other = server.connect();
    other.command("CLIENT", "KILL", "ADDR", killed.address);
    expect(killed.isClosed).toBe(true);
    other.command("RPUSH", "l", "a");
    expect(client.take()).toEqual(["l", "a"]);
    expect(other.command("INFO", "clients")).toMatch(/^blocked_clients:0\r$/m);
    server.world.advance(10_000);
    expect(killed.replies).toHaveLength(0);
  });
});

describe("what a served client took", () => {
  it("is shown once it is durable, with the push or after it", () => {
    const server = new InProcessServer({ isManual: true });
    const client = waiting(server, "BLPOP", "l", "0");
    const other = server.connect();
    other.post("RPUSH", "l", "a");
    expect(server.sink.units).toHaveLength(2);
    expect([client.take(), other.take()]).toEqual([undefined, undefined]);
    server.sink.makeDurable(1);
    expect([client.take(), other.take()]).toEqual([undefined, 1]);
    server.sink.makeDurable(2);
    expect(client.take()).toEqual(["l", "a"]);
  });

  it("is not to be seen missing before that either, nor is a null of a timeout", () => {
    const server = new InProcessServer({ isManual: true });
    const client = server.connect();
    client.post("RPUSH", "l", "a");
    client.post("LPOP", "l");
    server.sink.makeDurable(1);
    client.take();
    const late = waiting(server, "BLPOP", "l", "1");
    server.world.advance(1000);
    expect(late.take()).toBeUndefined();
    server.sink.makeDurable(2);
    expect(late.take()).toBeNull();
    const quick = waiting(server, "BLPOP", "m", "1");
    client.post("RPUSH", "elsewhere", "a");
    server.world.advance(1000);
    expect(quick.take()).toBeNull();
  });

  it("is refused like any write when the log takes no more", () => {
    const server = new InProcessServer();
    const client = waiting(server, "BLPOP", "l", "0");
    const append = server.sink.appendUnit.bind(server.sink);
    server.sink.appendUnit = (effects) => {
      server.sink.refusal = "No space left on device";
      return append(effects);
    };
    server.connect().command("RPUSH", "l", "a");
    expect(client.take()).toMatchObject({ text: expect.stringMatching(/^MISCONF/) });
    expect(server.connect().command("LLEN", "l")).toBe(1);
  });

  it("is refused like any write when there is no memory", () => {
    const server = new InProcessServer();
    const client = waiting(server, "BLMOVE", "l", "m", "LEFT", "LEFT", "0");
    const other = server.connect();
    other.command("MULTI");
    other.command("RPUSH", "l", "a");
    other.command("CONFIG", "SET", "maxmemory", "1");
    other.command("EXEC");
    expect(client.take()).toMatchObject({ text: expect.stringMatching(/^OOM/) });
    expect(other.command("LLEN", "l")).toBe(1);
  });
});

describe("the end of the server", () => {
  it("is not held up by who waits, and serves nobody any more", async () => {
    const server = new InProcessServer();
    const client = waiting(server, "BLPOP", "l", "0");
    const other = server.connect();
    const stopped = server.engine.stop();
    other.tryCommand("RPUSH", "l", "a");
    await stopped;
    expect(client.isClosed).toBe(true);
    expect(client.replies).toHaveLength(0);
    expect(server.keyspace.peek(0, "l")).toBeDefined();
  });

  it("by a failed log closes who waits", () => {
    const server = new InProcessServer();
    const client = waiting(server, "BLPOP", "l", "1");
    server.sink.fail(new Error("the disk is gone"));
    expect(client.isClosed).toBe(true);
    server.world.advance(1000);
    expect(client.replies).toHaveLength(0);
  });
});
