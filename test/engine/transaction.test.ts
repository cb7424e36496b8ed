/**
 * MULTI and WATCH: one unit of the log, all or nothing, and EXEC that gives up when it must.
 */
import { describe, expect, it } from "vitest";
import { engineCommands, Searches, settlePromises } from "../support/engine-commands.ts";
import { InProcessServer, present } from "../support/in-process-server.ts";

const newServer = () => new InProcessServer({ commands: engineCommands() });

describe("MULTI and EXEC", () => {
  it("runs what was queued back to back, as one unit", () => {
    const server = newServer();
    const client = server.connect();
    client.command("MULTI");
    expect(client.command("PUT", "a", "1")).toBe("QUEUED");
    expect(client.command("PUT", "b", "2")).toBe("QUEUED");
    expect(client.command("FETCH", "a")).toBe("QUEUED");
    expect(server.sink.units).toHaveLength(0);
    expect(client.command("EXEC")).toEqual(["OK", "OK", "1"]);
    expect(server.sink.units).toHaveLength(1);
    expect(server.sink.units[0].effects).toHaveLength(2);
  });

  it("holds the whole array until the unit is durable", () => {
    const server = newServer();
    server.isManual = true;
    const client = server.connect();
    for (const command of ["MULTI", "EXEC"]) client.post(command);
    expect(client.take()).toBe("OK");
    expect(client.take()).toEqual([]);
    client.post("MULTI");
    client.post("PUT", "a", "1");
    client.post("EXEC");
    client.take();
    client.take();
    expect(client.take()).toBeUndefined();
    server.sink.makeDurable();
    expect(client.take()).toEqual(["OK"]);
  });

  it("refuses EXEC after an unknown command, a wrong count or an unknown subcommand", () => {
    const client = newServer().connect();
    for (const bad of [["NOPE"], ["FETCH"], ["CLIENT", "NOPE"]]) {
      client.command("MULTI");
      client.error(...bad);
      client.command("PUT", "a", "1");
      expect(client.error("EXEC")).toBe(
        "EXECABORT Transaction discarded because of previous errors.",
      );
      expect(client.command("FETCH", "a")).toBeNull();
    }
  });

  it("answers an error of a queued command in its place and goes on", () => {
    const client = newServer().connect();
    client.command("MULTI");
    client.command("SELECT", "99");
    client.command("PUT", "a", "1");
    expect(client.command("EXEC")).toMatchObject([{ text: "ERR DB index is out of range" }, "OK"]);
  });

  it("forgets everything at DISCARD", () => {
    const client = newServer().connect();
    client.command("MULTI");
    client.command("PUT", "a", "1");
    expect(client.command("DISCARD")).toBe("OK");
    expect(client.command("FETCH", "a")).toBeNull();
    expect(client.error("DISCARD")).toBe("ERR DISCARD without MULTI");
    expect(client.error("EXEC")).toBe("ERR EXEC without MULTI");
  });

  it("does not nest, and takes no WATCH inside, without giving up", () => {
    const client = newServer().connect();
    client.command("MULTI");
    expect(client.error("MULTI")).toBe("ERR MULTI calls can not be nested");
    expect(client.error("WATCH", "a")).toBe("ERR WATCH inside MULTI is not allowed");
    client.command("PUT", "a", "1");
    expect(client.command("EXEC")).toEqual(["OK"]);
  });

  it("refuses SHUTDOWN inside", () => {
    const client = newServer().connect();
    client.command("MULTI");
    expect(client.error("SHUTDOWN")).toBe("ERR Command not allowed inside a transaction");
  });

  it("changes the database for the commands behind SELECT", () => {
    const server = newServer();
    const client = server.connect();
    client.command("MULTI");
    client.command("SELECT", "2");
    client.command("PUT", "a", "1");
    client.command("EXEC");
    expect(server.keyspace.keyCount(2)).toBe(1);
  });

  it("awaits a search inside, and answers the array whole", async () => {
    const searches = new Searches();
    const server = new InProcessServer({ commands: engineCommands(searches) });
    const client = server.connect();
    client.command("MULTI");
    client.command("PUT", "a", "1");
    client.command("LATER", "a");
    client.command("PING");
    const answered = client.settle("EXEC");
    await settlePromises();
    present(searches.open[0]).finish();
    expect(await answered).toEqual(["OK", "1", "PONG"]);
  });

  it("ends with RESET", () => {
    const client = newServer().connect();
    client.command("MULTI");
    expect(client.command("RESET")).toBe("RESET");
    expect(client.error("EXEC")).toBe("ERR EXEC without MULTI");
  });
});

describe("WATCH", () => {
  const cases: readonly {
    readonly name: string;
    readonly before: readonly (readonly string[])[];
    readonly between: readonly (readonly string[])[];
    readonly isGivenUp: boolean;
  }[] = [
    { name: "nothing happened", before: [], between: [], isGivenUp: false },
    { name: "the key was written", before: [], between: [["PUT", "w", "2"]], isGivenUp: true },
    { name: "another key was written", before: [], between: [["PUT", "x", "2"]], isGivenUp: false },
    {
      name: "the key was removed",
      before: [["PUT", "w", "1"]],
      between: [["DROP", "w"]],
      isGivenUp: true,
    },
    {
      name: "FLUSHALL took the key",
      before: [["PUT", "w", "1"]],
      between: [["FLUSHALL"]],
      isGivenUp: true,
    },
    { name: "FLUSHALL met no key", before: [], between: [["FLUSHALL"]], isGivenUp: false },
    {
      name: "SWAPDB changed what the key holds",
      before: [["PUT", "w", "1"]],
      between: [["SWAPDB", "0", "1"]],
      isGivenUp: true,
    },
    { name: "SWAPDB met no key", before: [], between: [["SWAPDB", "0", "1"]], isGivenUp: false },
    {
      name: "SWAPDB of other databases",
      before: [["PUT", "w", "1"]],
      between: [["SWAPDB", "1", "2"]],
      isGivenUp: false,
    },
    {
      name: "the same name in another database was written",
      before: [],
      between: [
        ["SELECT", "1"],
        ["PUT", "w", "2"],
      ],
      isGivenUp: false,
    },
  ];

  for (const { name, before, between, isGivenUp } of cases) {
    it(`${isGivenUp ? "gives up" : "goes on"} when ${name}`, () => {
      const server = newServer();
      const other = server.connect();
      const client = server.connect();
      for (const command of before) other.command(...command);
      client.command("WATCH", "w");
      for (const command of between) other.command(...command);
      client.command("MULTI");
      client.command("PING");
      expect(client.command("EXEC")).toEqual(isGivenUp ? null : ["PONG"]);
      client.command("MULTI");
      expect(client.command("EXEC")).toEqual([]);
    });
  }

  it("gives up when the key's time passed, although nobody looked", () => {
    const server = newServer();
    const client = server.connect();
    client.command("PUT", "w", "1", "50");
    client.command("WATCH", "w");
    server.world.jump(51);
    client.command("MULTI");
    client.command("PING");
    expect(client.command("EXEC")).toBeNull();
  });

  it("goes on when SWAPDB brought a key whose time had passed, also once it is removed", () => {
    const server = newServer();
    const other = server.connect();
    const client = server.connect();
    other.command("SELECT", "1");
    other.command("PUT", "w", "1", "50");
    server.world.jump(51);
    client.command("WATCH", "w");
    other.command("SWAPDB", "0", "1");
    server.engine.expiry.slice();
    expect(server.keyspace.peek(0, "w")).toBeUndefined();
    client.command("MULTI");
    client.command("PING");
    expect(client.command("EXEC")).toEqual(["PONG"]);
  });

  it("goes on when the key was already gone at WATCH", () => {
    const server = newServer();
    const client = server.connect();
    client.command("PUT", "w", "1", "50");
    server.world.jump(51);
    client.command("WATCH", "w");
    client.command("MULTI");
    client.command("PING");
    expect(client.command("EXEC")).toEqual(["PONG"]);
  });

  it("is forgotten by UNWATCH, DISCARD and a closed connection", () => {
    const server = newServer();
    const client = server.connect();
    const other = server.connect();
    client.command("WATCH", "w");
    expect(client.command("INFO", "clients")).toContain("watching_clients:1");
    client.command("UNWATCH");
    other.command("PUT", "w", "1");
    client.command("MULTI");
    expect(client.command("EXEC")).toEqual([]);
    client.command("WATCH", "w", "v", "w");
    client.receiver.connectionClosed();
    expect(other.command("INFO", "clients")).toContain("watching_clients:0");
  });

  it("takes the session's own write as a change", () => {
    const client = newServer().connect();
    client.command("WATCH", "w");
    client.command("PUT", "w", "1");
    client.command("MULTI");
    expect(client.command("EXEC")).toBeNull();
  });
});
