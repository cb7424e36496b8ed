/**
 * Blocked clients: who is served, in which order, and what ends a wait. Lists stand for all types
 * here; what is particular to a type is in its command's tests.
 */
import { describe, expect, it } from "vitest";
import { type InProcessClient, InProcessServer, present } from "../support/in-process-server.ts";

/** A client whose command is blocked. */
function waiting(server: InProcessServer, ...args: (string | number)[]): InProcessClient {
  const client = server.connect();
  expect(client.tryCommand(...args)).toBeUndefined();
  return client;
}

function idOf(client: InProcessClient): number {
  const id = client.command("CLIENT", "ID");
  if (typeof id !== "number") throw new Error("no id");
  return id;
}

function information(server: InProcessServer, name: string): string {
  const text = server.connect().command("INFO", "clients");
  return present(new RegExp(`^${name}:(.*)\r$`, "m").exec(String(text)))[1];
}

describe("a client that waits", () => {
  it("is served by the push, which counts it for itself", () => {
    const server = new InProcessServer();
    const client = waiting(server, "BLPOP", "l", "0");
    const other = server.connect();
    expect(other.command("RPUSH", "l", "a", "b")).toBe(2);
    expect(client.take()).toEqual(["l", "a"]);
    expect(other.command("LRANGE", "l", 0, -1)).toEqual(["b"]);
    expect(server.sink.units.map((unit) => unit.effects.length)).toEqual([1, 1]);
  });

  it("is served in the order of waiting, whatever they wait with", () => {
    const server = new InProcessServer();
    const first = waiting(server, "BLPOP", "l", "0");
    const second = waiting(server, "BRPOP", "other", "l", "0");
    const third = waiting(server, "BLMPOP", "0", "1", "l", "LEFT", "COUNT", "2");
    const fourth = waiting(server, "BLMOVE", "l", "m", "LEFT", "RIGHT", "0");
    server.connect().command("RPUSH", "l", "1", "2", "3", "4", "5", "6");
    expect(first.take()).toEqual(["l", "1"]);
    expect(second.take()).toEqual(["l", "6"]);
    expect(third.take()).toEqual(["l", ["2", "3"]]);
    expect(fourth.take()).toBe("4");
    expect(server.connect().command("LRANGE", "l", 0, -1)).toEqual(["5"]);
    expect(information(server, "blocked_clients")).toBe("0");
    expect(information(server, "total_blocking_keys")).toBe("0");
  });

  it("gets the first of its keys that holds a list, not the one that changed first", () => {
    const server = new InProcessServer();
    const client = waiting(server, "BLPOP", "a", "b", "0");
    const other = server.connect();
    other.command("MULTI");
    other.command("RPUSH", "b", "1");
    other.command("RPUSH", "a", "2");
    other.command("EXEC");
    expect(client.take()).toEqual(["a", "2"]);
    expect(other.command("LLEN", "b")).toBe(1);
  });

  it("stands once in the queue of a key that it names twice", () => {
    const server = new InProcessServer();
    const client = waiting(server, "BLPOP", "l", "l", "0");
    expect(information(server, "total_blocking_keys")).toBe("1");
    server.connect().command("RPUSH", "l", "a", "b");
    expect(client.take()).toEqual(["l", "a"]);
    expect(client.take()).toBeUndefined();
  });

  it("runs nothing of what it sent behind, reads neither, until it is served", () => {
    const server = new InProcessServer();
    const client = waiting(server, "BLPOP", "l", "0");
    client.post("PING");
    client.post("SET", "k", "v");
    expect(client.receiver.isStalled).toBe(true);
    expect(server.connect().command("EXISTS", "k")).toBe(0);
    server.connect().command("RPUSH", "l", "a");
    expect(client.take()).toEqual(["l", "a"]);
    server.world.runSoon();
    server.sink.makeDurable();
    expect(client.take()).toBe("PONG");
    expect(client.take()).toBe("OK");
    expect(client.receiver.isStalled).toBe(false);
    expect(client.resumeCount).toBe(1);
  });

  it("may be blocked again by what it sent behind", () => {
    const server = new InProcessServer();
    const client = waiting(server, "BLPOP", "l", "0");
    client.post("BLPOP", "l", "0");
    client.post("PING");
    server.connect().command("RPUSH", "l", "a");
    expect(client.take()).toEqual(["l", "a"]);
    server.world.runSoon();
    expect(client.take()).toBeUndefined();
    server.connect().command("RPUSH", "l", "b");
    server.world.runSoon();
    expect(client.take()).toEqual(["l", "b"]);
    expect(client.take()).toBe("PONG");
  });

  it("is shown by CLIENT LIST and INFO", () => {
    const server = new InProcessServer();
    const client = server.connect();
    const id = idOf(client);
    client.tryCommand("BLPOP", "l", "m", "5");
    waiting(server, "BLPOP", "l", "0");
    const line = server.connect().command("CLIENT", "LIST", "ID", id);
    expect(line).toMatch(/ flags=b /);
    expect(line).toMatch(/ cmd=blpop /);
    expect(information(server, "blocked_clients")).toBe("2");
    expect(information(server, "clients_in_timeout_table")).toBe("1");
    expect(information(server, "total_blocking_keys")).toBe("2");
    expect(information(server, "total_blocking_keys_on_nokey")).toBe("0");
  });

  it("is counted once, when it is served, and not while it waits", () => {
    const server = new InProcessServer();
    waiting(server, "BLPOP", "l", "0");
    const other = server.connect();
    const calls = () => /cmdstat_blpop:calls=(\d+)/.exec(String(other.command("INFO", "all")))?.[1];
    expect(calls()).toBeUndefined();
    other.command("RPUSH", "l", "a");
    expect(calls()).toBe("1");
  });
});

describe("keys that come otherwise than by a push", () => {
  it("wake who waits: RENAME, COPY, MOVE, SWAPDB, RPOPLPUSH", () => {
    for (const bring of [
      [["RENAME", "from", "l"]],
      [["COPY", "from", "l"]],
      [["RPOPLPUSH", "from", "l"]],
      [
        ["SELECT", "1"],
        ["RPUSH", "l", "a"],
        ["MOVE", "l", "0"],
      ],
      [
        ["SELECT", "1"],
        ["RPUSH", "l", "a"],
        ["SWAPDB", "0", "1"],
      ],
    ]) {
      const server = new InProcessServer();
      const other = server.connect();
      other.command("RPUSH", "from", "a");
      const client = waiting(server, "BLPOP", "l", "0");
      for (const command of bring) other.command(...command);
      expect(client.take()).toEqual(["l", "a"]);
    }
  });

  it("of another type, or gone again in the same transaction, do not", () => {
    const server = new InProcessServer();
    const client = waiting(server, "BLPOP", "l", "0");
    const other = server.connect();
    other.command("SET", "l", "a string");
    other.command("DEL", "l");
    other.command("HSET", "l", "f", "v");
    other.command("FLUSHALL");
    other.command("MULTI");
    other.command("RPUSH", "l", "a");
    other.command("DEL", "l");
    other.command("EXEC");
    other.command("MULTI");
    other.command("RPUSH", "l", "a");
    other.command("PEXPIRE", "l", "-1");
    other.command("EXEC");
    expect(client.take()).toBeUndefined();
    other.command("RPUSH", "l", "b");
    expect(client.take()).toEqual(["l", "b"]);
  });

  it("of another type in front of the list are an error, as they are without waiting", () => {
    const server = new InProcessServer();
    const client = waiting(server, "BLPOP", "a", "b", "0");
    const other = server.connect();
    other.command("SET", "a", "a string");
    other.command("RPUSH", "b", "1");
    expect(client.take()).toMatchObject({ text: expect.stringMatching(/^WRONGTYPE/) });
    expect(other.command("LLEN", "b")).toBe(1);
  });

  it("in another database do not", () => {
    const server = new InProcessServer();
    const client = waiting(server, "BLPOP", "l", "0");
    const other = server.connect();
    other.command("SELECT", "1");
    other.command("RPUSH", "l", "a");
    expect(client.take()).toBeUndefined();
  });
});

describe("moves between lists", () => {
  it("go on along a chain, each as a unit of its own", () => {
    const server = new InProcessServer();
    const first = waiting(server, "BLMOVE", "a", "b", "LEFT", "RIGHT", "0");
    const second = waiting(server, "BLMOVE", "b", "c", "LEFT", "RIGHT", "0");
    const third = waiting(server, "BRPOPLPUSH", "c", "a", "0");
    const fourth = waiting(server, "BLPOP", "c", "0");
    server.connect().command("RPUSH", "a", "x");
    expect([first.take(), second.take(), third.take()]).toEqual(["x", "x", "x"]);
    expect(fourth.take()).toBeUndefined();
    expect(server.connect().command("LRANGE", "a", 0, -1)).toEqual(["x"]);
    expect(server.sink.units).toHaveLength(4);
  });

  it("answer an error when the destination has become no list, and take nothing", () => {
    const server = new InProcessServer();
    const client = waiting(server, "BRPOPLPUSH", "a", "b", "0");
    const next = waiting(server, "BLPOP", "a", "0");
    const other = server.connect();
    other.command("SET", "b", "a string");
    other.command("RPUSH", "a", "x");
    expect(client.take()).toMatchObject({ text: expect.stringMatching(/^WRONGTYPE/) });
    expect(next.take()).toEqual(["a", "x"]);
  });

  it("onto the same list turn it for each push", () => {
    const server = new InProcessServer();
    const client = waiting(server, "BLMOVE", "l", "l", "LEFT", "RIGHT", "0");
    server.connect().command("RPUSH", "l", "a", "b");
    expect(client.take()).toBe("a");
    expect(server.connect().command("LRANGE", "l", 0, -1)).toEqual(["b", "a"]);
  });
});

describe("MULTI", () => {
  it("never waits: BLPOP gets a null array, BLMOVE a null", () => {
    const server = new InProcessServer();
    const client = server.connect();
    client.command("MULTI");
    client.command("BLPOP", "l", "0");
    client.command("BLMOVE", "l", "m", "LEFT", "LEFT", "0");
    expect(client.command("EXEC")).toEqual([null, null]);
    expect(client.command("PING")).toBe("PONG");
  });

  it("serves after EXEC, from what the transaction left", () => {
    const server = new InProcessServer();
    const client = waiting(server, "BLPOP", "l", "0");
    const other = server.connect();
    other.command("MULTI");
    for (const value of ["a", "b"]) other.command("LPUSH", "l", value);
    other.command("LPOP", "l");
    other.command("LPUSH", "l", "c");
    expect(other.command("EXEC")).toEqual([1, 2, "b", 2]);
    expect(client.take()).toEqual(["l", "c"]);
  });

  it("of a watcher fails for what serving a client did to its key", () => {
    const server = new InProcessServer();
    const client = waiting(server, "BLMOVE", "a", "b", "LEFT", "LEFT", "0");
    const watcher = server.connect();
    watcher.command("WATCH", "b");
    watcher.command("MULTI");
    watcher.command("PING");
    server.connect().command("RPUSH", "a", "x");
    expect(client.take()).toBe("x");
    expect(watcher.command("EXEC")).toBeNull();
  });
});

describe("CLIENT PAUSE", () => {
  it("holds serving until it ends", () => {
    const server = new InProcessServer();
    const client = waiting(server, "BLPOP", "l", "0");
    const other = server.connect();
    other.command("MULTI");
    other.command("CLIENT", "PAUSE", "1000", "WRITE");
    other.command("RPUSH", "l", "a");
    other.command("EXEC");
    expect(client.take()).toBeUndefined();
    expect(other.command("LLEN", "l")).toBe(1);
    server.world.advance(1000);
    server.sink.makeDurable();
    expect(client.take()).toEqual(["l", "a"]);
  });
});
