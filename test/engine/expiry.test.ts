/**
 * Expiry, lazy and active: always an effect, never twice, and never in the way.
 */
import { describe, expect, it } from "vitest";
import { EffectId } from "../../src/keyspace/effect.ts";
import { engineCommands } from "../support/engine-commands.ts";
import { InProcessServer } from "../support/in-process-server.ts";

const newServer = () => new InProcessServer({ commands: engineCommands() });

const expiryEffects = (server: InProcessServer) =>
  server.sink.units
    .flatMap((unit) => unit.effects)
    .filter((effect) => effect.id === EffectId.keyDelete && effect.reason === "expired");

describe("lazy expiry", () => {
  it("removes a key by an effect when somebody looks", () => {
    const server = newServer();
    const client = server.connect();
    client.command("PUT", "a", "1", "50");
    server.world.jump(50);
    expect(client.command("FETCH", "a")).toBe("1");
    server.world.jump(1);
    expect(client.command("FETCH", "a")).toBeNull();
    expect(client.command("FETCH", "a")).toBeNull();
    expect(expiryEffects(server)).toHaveLength(1);
    expect(client.command("INFO", "stats")).toContain("expired_keys:1\r\n");
  });

  it("is one unit with the write that met it", () => {
    const server = newServer();
    const client = server.connect();
    client.command("PUT", "a", "1", "50");
    server.world.jump(51);
    expect(client.command("DROP", "a")).toBe(0);
    expect(server.sink.units.at(-1)?.effects).toMatchObject([{ reason: "expired" }]);
  });
});

describe("active expiry", () => {
  it("removes keys that nobody asks for, in every database", () => {
    const server = newServer();
    const client = server.connect();
    for (const database of ["0", "3"]) {
      client.command("SELECT", database);
      for (let key = 0; key < 500; key += 1) client.command("PUT", `k${key}`, "v", "50");
      for (let key = 0; key < 100; key += 1) client.command("PUT", `s${key}`, "v", "100000");
      client.command("PUT", "stays", "v");
    }
    server.world.advance(200);
    expect(expiryEffects(server)).toHaveLength(1000);
    expect(server.keyspace.keyCount(0)).toBe(101);
    expect(server.keyspace.keyCount(3)).toBe(101);
  });

  it("finds what expires behind many keys that do not", () => {
    const server = newServer();
    const client = server.connect();
    for (let key = 0; key < 1000; key += 1) client.command("PUT", `s${key}`, "v", "1000000");
    client.command("PUT", "last", "v", "50");
    server.world.advance(200);
    expect(server.keyspace.peek(0, "last")).toBeUndefined();
  });

  it("stops while it is turned off", () => {
    const server = newServer();
    const client = server.connect();
    client.command("PUT", "a", "1", "50");
    client.command("DEBUG", "SET-ACTIVE-EXPIRE", "0");
    server.world.advance(1000);
    expect(server.keyspace.keyCount(0)).toBe(1);
    client.command("DEBUG", "SET-ACTIVE-EXPIRE", "1");
    server.world.advance(100);
    expect(server.keyspace.keyCount(0)).toBe(0);
  });

  it("keeps walking when FLUSHDB gave the database a new set", () => {
    const server = newServer();
    const client = server.connect();
    client.command("PUT", "a", "1", "5000");
    server.world.advance(100);
    client.command("FLUSHDB");
    client.command("PUT", "b", "1", "50");
    server.world.advance(200);
    expect(server.keyspace.keyCount(0)).toBe(0);
  });
});

describe("while the log takes no writes", () => {
  it("treats what has expired as absent, and removes it later", () => {
    const server = newServer();
    const client = server.connect();
    client.command("PUT", "a", "1", "50");
    server.sink.refusal = "no room";
    server.world.advance(200);
    expect(client.command("FETCH", "a")).toBeNull();
    expect(client.error("PUT", "b", "1")).toContain("no room");
    expect(expiryEffects(server)).toHaveLength(0);
    server.sink.refusal = undefined;
    expect(client.command("FETCH", "a")).toBeNull();
    expect(expiryEffects(server)).toHaveLength(1);
  });
});
