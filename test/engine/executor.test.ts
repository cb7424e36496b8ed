/**
 * The executor's checks, in Redis's order and words: existence, arity, authentication, memory,
 * loading, pause.
 */
import { describe, expect, it } from "vitest";
import { engineCommands } from "../support/engine-commands.ts";
import { InProcessServer } from "../support/in-process-server.ts";

type Configuration = readonly (readonly [string, string])[];

const newServer = (configuration: Configuration = []) =>
  new InProcessServer({ commands: engineCommands(), configuration });

describe("unknown commands", () => {
  it("names the command and the beginning of its arguments", () => {
    const client = newServer().connect();
    expect(client.error("nope", "a", "b")).toBe(
      "ERR unknown command 'nope', with args beginning with: 'a' 'b' ",
    );
    expect(client.error("nope")).toBe("ERR unknown command 'nope', with args beginning with: ");
  });

  it("shortens, and keeps to one line", () => {
    const client = newServer().connect();
    const text = client.error("x\r\ny".padEnd(600, "z"), "a\nb", "c".repeat(300), "not shown");
    expect(text).toContain(`'x  y${"z".repeat(124)}'`);
    expect(text).toContain("'a b' ");
    expect(text).not.toContain("not shown");
    expect(text).not.toMatch(/[\r\n]/);
  });

  it("names the container of an unknown subcommand", () => {
    const client = newServer().connect();
    expect(client.error("client", "MAINT_NOTIFICATIONS", "ON")).toBe(
      "ERR unknown subcommand 'MAINT_NOTIFICATIONS'. Try CLIENT HELP.",
    );
    expect(client.isClosed).toBe(false);
  });

  it("finds commands in any letter case", () => {
    const client = newServer().connect();
    for (const name of ["PING", "ping", "PiNg"]) expect(client.command(name)).toBe("PONG");
    expect(client.command("cLiEnT", "iD")).toBe(1);
  });
});

describe("authentication", () => {
  it("is asked for before anything else but what is open to anybody", () => {
    const client = newServer([["requirepass", "secret"]]).connect();
    expect(client.receiver.isAuthenticated).toBe(false);
    expect(client.error("PING")).toBe("NOAUTH Authentication required.");
    expect(client.error("FETCH")).toBe("ERR wrong number of arguments for 'fetch' command");
    expect(client.error("AUTH", "wrong")).toBe(
      "WRONGPASS invalid username-password pair or user is disabled.",
    );
    expect(client.error("AUTH", "nobody", "secret")).toContain("WRONGPASS");
    expect(client.command("AUTH", "secret")).toBe("OK");
    expect(client.command("PING")).toBe("PONG");
    expect(client.receiver.isAuthenticated).toBe(true);
    client.command("RESET");
    expect(client.error("PING")).toBe("NOAUTH Authentication required.");
    expect(client.command("AUTH", "default", "secret")).toBe("OK");
  });

  it("comes with HELLO, and without it nothing is changed", () => {
    const client = newServer([["requirepass", "secret"]]).connect();
    expect(client.error("HELLO", "3")).toMatch(/^NOAUTH HELLO must be called/);
    expect(client.error("HELLO", "3", "AUTH", "default", "wrong")).toContain("WRONGPASS");
    const hello = client.command("HELLO", "3", "AUTH", "default", "secret", "SETNAME", "me");
    expect(hello).toBeInstanceOf(Map);
    expect(client.command("CLIENT", "GETNAME")).toBe("me");
  });

  it("is not needed without a password", () => {
    const client = newServer().connect();
    expect(client.error("AUTH", "x")).toMatch(/^ERR AUTH <password> called without any password/);
    expect(client.command("AUTH", "default", "anything")).toBe("OK");
  });

  it("follows CONFIG SET requirepass", () => {
    const server = newServer();
    const client = server.connect();
    client.command("CONFIG", "SET", "requirepass", "later");
    expect(client.command("PING")).toBe("PONG");
    expect(server.connect().error("PING")).toContain("NOAUTH");
  });
});

describe("maxmemory", () => {
  it("refuses what needs memory once too much is used, and nothing else", () => {
    const server = newServer();
    const client = server.connect();
    client.command("PUT", "a", "1");
    client.command("CONFIG", "SET", "maxmemory", "1");
    const refusal = "OOM command not allowed when used memory > 'maxmemory'.";
    expect(client.error("PUT", "b", "1")).toBe(refusal);
    expect(client.command("FETCH", "a")).toBe("1");
    expect(client.command("DROP", "a")).toBe(1);
    expect(client.command("PUT", "b", "1")).toBe("OK");
  });

  it("refuses queueing, and so the transaction", () => {
    const server = newServer();
    const client = server.connect();
    client.command("PUT", "a", "1");
    client.command("CONFIG", "SET", "maxmemory", "1");
    client.command("MULTI");
    expect(client.error("PUT", "b", "1")).toContain("OOM");
    expect(client.error("EXEC")).toBe(
      "EXECABORT Transaction discarded because of previous errors.",
    );
  });

  it("refuses EXEC when memory ran out after queueing", () => {
    const server = newServer();
    const client = server.connect();
    client.command("MULTI");
    client.command("PUT", "b", "1");
    const other = server.connect();
    other.command("PUT", "a", "1");
    other.command("CONFIG", "SET", "maxmemory", "1");
    expect(client.error("EXEC")).toBe(
      "EXECABORT Transaction discarded because of: " +
        "OOM command not allowed when used memory > 'maxmemory'.",
    );
    expect(client.error("EXEC")).toBe("ERR EXEC without MULTI");
  });
});

describe("loading", () => {
  it("answers LOADING, but INFO tells how far it is", () => {
    const server = newServer();
    const client = server.connect();
    server.engine.loading = {
      startedAtMs: 0,
      bytesDone: 25,
      bytesTotal: 100,
      secondsLeft: 3,
    };
    expect(client.error("FETCH", "a")).toBe("LOADING Redis is loading the dataset in memory");
    const text = client.command("INFO", "persistence");
    expect(text).toContain("loading:1\r\n");
    expect(text).toContain("loading_loaded_perc:25.00\r\n");
    server.engine.loading = undefined;
    expect(client.command("FETCH", "a")).toBeNull();
  });
});

describe("while loading", () => {
  it("expires nothing, because the log is not open yet", () => {
    const server = newServer();
    const client = server.connect();
    client.command("PUT", "a", "1", "10");
    const unitCount = server.sink.units.length;
    server.world.jump(20);
    server.engine.loading = { startedAtMs: 0, bytesDone: 0, bytesTotal: 1, secondsLeft: 1 };
    expect(client.command("WATCH", "a")).toBe("OK");
    expect(server.sink.units).toHaveLength(unitCount);
  });
});

describe("CLIENT PAUSE", () => {
  it("holds writes, lets reads pass, and ends by itself", () => {
    const server = newServer();
    const client = server.connect();
    const paused = server.connect();
    client.command("CLIENT", "PAUSE", "100", "WRITE");
    expect(paused.command("FETCH", "a")).toBeNull();
    paused.post("PUT", "a", "1");
    paused.post("FETCH", "a");
    expect(paused.receiver.isStalled).toBe(true);
    expect(paused.replies).toHaveLength(0);
    server.world.advance(100);
    server.sink.makeDurable();
    expect([paused.take(), paused.take()]).toEqual(["OK", "1"]);
    expect(paused.resumeCount).toBe(1);
  });

  it("holds everything, and CLIENT UNPAUSE of a write pause ends it", () => {
    const server = newServer();
    const client = server.connect();
    const paused = server.connect();
    client.command("CLIENT", "PAUSE", "100", "WRITE");
    paused.post("PUT", "a", "1");
    expect(client.command("CLIENT", "UNPAUSE")).toBe("OK");
    server.world.runSoon();
    server.sink.makeDurable();
    expect(paused.take()).toBe("OK");
    client.command("CLIENT", "PAUSE", "100");
    paused.post("PING");
    expect(paused.take()).toBeUndefined();
    server.world.advance(100);
    expect(paused.take()).toBe("PONG");
  });

  it("holds an EXEC that writes, and expires nothing meanwhile", () => {
    const server = newServer();
    const client = server.connect();
    client.command("PUT", "e", "1", "10");
    const unitCount = server.sink.units.length;
    client.command("CLIENT", "PAUSE", "1000", "WRITE");
    client.command("MULTI");
    client.command("PUT", "a", "1");
    client.post("EXEC");
    expect(client.take()).toBeUndefined();
    server.world.advance(500);
    expect(server.connect().command("FETCH", "e")).toBeNull();
    expect(server.sink.units).toHaveLength(unitCount);
    server.world.advance(500);
    server.sink.makeDurable();
    expect(client.take()).toEqual(["OK"]);
  });
});

describe("a connection that broke the protocol", () => {
  it("gets the reason behind what it is owed, and is closed", () => {
    const server = newServer();
    server.isManual = true;
    const client = server.connect();
    client.post("PUT", "a", "1");
    client.receiver.protocolError("ERR Protocol error: invalid bulk length");
    client.post("PING");
    expect(client.isClosed).toBe(false);
    server.sink.makeDurable();
    expect([client.take(), client.take(), client.take()]).toMatchObject([
      "OK",
      { text: "ERR Protocol error: invalid bulk length" },
      undefined,
    ]);
    expect(client.isClosed).toBe(true);
  });
});
