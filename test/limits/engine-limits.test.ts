/**
 * Limits of the engine, each reached: what a transaction may queue, how many replies a connection
 * may be owed, what the slow log keeps, how long a pattern may match.
 */
import { describe, expect, it } from "vitest";
import { globMatches } from "../../src/base/glob.ts";
import { limits } from "../../src/base/limits.ts";
import { engineCommands } from "../support/engine-commands.ts";
import { InProcessServer } from "../support/in-process-server.ts";

const newServer = () => new InProcessServer({ commands: engineCommands() });
const refusal = "ERR transaction exceeds the limit on queued commands or their size";
const aborted = "EXECABORT Transaction discarded because of previous errors.";

describe("transactions", () => {
  it("queue transactionCommandsMax commands and no more", () => {
    const client = newServer().connect();
    client.command("MULTI");
    for (let index = 0; index < limits.transactionCommandsMax; index += 1) {
      client.receiver.execute(["PING"]);
    }
    client.replies.length = 0;
    expect(client.error("PING")).toBe(refusal);
    expect(client.error("EXEC")).toBe(aborted);
  });

  it("queue transactionBytesMax bytes and no more", () => {
    const client = newServer().connect();
    const large = Buffer.alloc(limits.transactionBytesMax / 4);
    client.command("MULTI");
    for (let index = 0; index < 3; index += 1) client.command("PUT", "a", large);
    expect(client.error("PUT", "a", large)).toBe(refusal);
    expect(client.error("EXEC")).toBe(aborted);
  });
});

describe("held replies", () => {
  it("stall the connection at heldRepliesMax", () => {
    const server = newServer();
    server.isManual = true;
    const client = server.connect();
    for (let index = 1; index < limits.heldRepliesMax; index += 1) client.post("PUT", "a", "1");
    expect(client.receiver.isStalled).toBe(false);
    client.post("PUT", "a", "1");
    expect(client.receiver.isStalled).toBe(true);
    server.sink.makeDurable();
    expect(client.receiver.isStalled).toBe(false);
  });
});

describe("the slow log", () => {
  it("keeps slowLogEntriesMax entries, the newest, unless it is told otherwise", () => {
    const server = newServer();
    const client = server.connect();
    client.command("CONFIG", "SET", "slowlog-log-slower-than", "0");
    for (let index = 0; index <= limits.slowLogEntriesMax; index += 1) {
      client.command("ECHO", String(index));
    }
    const { slowLog } = server.engine.control;
    expect(slowLog.count()).toBe(limits.slowLogEntriesMax);
    const newest = slowLog.entries(1)[0];
    expect(newest.arguments).toEqual(["ECHO", String(limits.slowLogEntriesMax)]);
  });

  it("keeps slowLogArgumentsMax arguments of slowLogArgumentBytesMax bytes", () => {
    const server = newServer();
    const client = server.connect();
    client.command("CONFIG", "SET", "slowlog-log-slower-than", "0");
    const long = "x".repeat(limits.slowLogArgumentBytesMax + 1);
    client.command("WATCH", ...Array.from({ length: limits.slowLogArgumentsMax }, () => long));
    const entry = server.engine.control.slowLog.entries(1)[0];
    expect(entry.arguments).toHaveLength(limits.slowLogArgumentsMax);
    expect(entry.arguments[1]).toBe(`${long.slice(1)}... (1 more bytes)`);
    expect(entry.arguments.at(-1)).toBe("... (2 more arguments)");
  });
});

describe("glob patterns", () => {
  it("give up after globPatternStepsMax steps", () => {
    const text = "a".repeat(limits.globPatternStepsMax);
    expect(globMatches("a*b", text.slice(0, 1000))).toBe(false);
    expect(globMatches("*", text)).toBe(true);
    expect(globMatches("*a".repeat(1000), text.slice(0, 2000))).toBe(true);
    expect(globMatches("?".repeat(text.length), text)).toBe(false);
  });

  it("match nothing with more than globStarsMax stars, as in Redis", () => {
    const stars = "*?".repeat(limits.globStarsMax);
    expect(globMatches(stars, "a".repeat(limits.globStarsMax))).toBe(true);
    expect(globMatches(`${stars}*?`, "a".repeat(limits.globStarsMax + 1))).toBe(false);
  });
});

describe("databases", () => {
  it("are databaseCount", () => {
    const client = newServer().connect();
    expect(client.command("SELECT", String(limits.databaseCount - 1))).toBe("OK");
    expect(client.error("SELECT", String(limits.databaseCount))).toContain("out of range");
  });
});

describe("keys that are waited for", () => {
  it("are blockedKeysMax of all clients together", () => {
    const server = new InProcessServer();
    const half = Array.from({ length: limits.blockedKeysMax / 2 }, (_, index) => `k${index}`);
    const command = ["BLPOP", ...half, "0"];
    const client = server.connect();
    for (const each of [client, server.connect()]) {
      each.receiver.execute([...command]);
      expect(each.take()).toBeUndefined();
    }
    const refused = server.connect();
    expect(refused.error("BLPOP", "one", "0")).toBe(
      "ERR blocked clients wait for too many keys already",
    );
    expect(refused.command("PING")).toBe("PONG");
    client.receiver.connectionClosed();
    expect(refused.tryCommand("BLPOP", "one", "0")).toBeUndefined();
  });
});
