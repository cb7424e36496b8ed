/**
 * The expiry of hash fields, lazy and active: what has passed is absent for everybody at once, goes
 * by an effect where effects may be made, and takes its key along with the last field.
 */
import { describe, expect, it } from "vitest";
import { EffectId } from "../../src/keyspace/effect.ts";
import { InProcessServer } from "../support/in-process-server.ts";

const removals = (server: InProcessServer) =>
  server.sink.units
    .flatMap((unit) => unit.effects)
    .filter((effect) => effect.id === EffectId.hashDelete);

/** f lives, g and h pass after 50 ms. */
function loaded(): { server: InProcessServer; client: ReturnType<InProcessServer["connect"]> } {
  const server = new InProcessServer();
  const client = server.connect();
  client.command("HSET", "hash", "f", "1", "g", "2", "h", "3");
  expect(client.command("HPEXPIRE", "hash", "50", "FIELDS", "2", "g", "h")).toEqual([1, 1]);
  return { server, client };
}

describe("lazy expiry of fields", () => {
  it("is one effect with the first command that looks", () => {
    const { server, client } = loaded();
    server.world.jump(50);
    expect(client.command("HLEN", "hash")).toBe(3);
    server.world.jump(1);
    expect(client.command("HGET", "hash", "g")).toBeNull();
    expect(client.command("HLEN", "hash")).toBe(1);
    expect(removals(server)).toMatchObject([{ key: "hash", fields: ["g", "h"] }]);
    expect(client.command("INFO", "stats")).toContain("expired_subkeys:2\r\n");
  });

  it("takes the key along with its last field", () => {
    const { server, client } = loaded();
    client.command("HPEXPIRE", "hash", "50", "FIELDS", "1", "f");
    server.world.jump(51);
    expect(client.command("EXISTS", "hash")).toBe(0);
    expect(client.command("TYPE", "hash")).toBe("none");
    expect(client.command("DBSIZE")).toBe(0);
    expect(client.command("SET", "hash", "x")).toBe("OK");
  });

  const reads: readonly (readonly [readonly string[], unknown])[] = [
    [["HLEN", "hash"], 1],
    [["HGET", "hash", "g"], null],
    [
      ["HMGET", "hash", "f", "g"],
      ["1", null],
    ],
    [
      ["HGETALL", "hash"],
      ["f", "1"],
    ],
    [["HKEYS", "hash"], ["f"]],
    [["HVALS", "hash"], ["1"]],
    [["HEXISTS", "hash", "h"], 0],
    [["HSTRLEN", "hash", "h"], 0],
    [
      ["HSCAN", "hash", "0"],
      ["0", ["f", "1"]],
    ],
    [["HRANDFIELD", "hash"], "f"],
    [
      ["HRANDFIELD", "hash", "-3"],
      ["f", "f", "f"],
    ],
    [
      ["HRANDFIELD", "hash", "3", "WITHVALUES"],
      ["f", "1"],
    ],
    [
      ["HTTL", "hash", "FIELDS", "2", "f", "g"],
      [-1, -2],
    ],
    [["EXISTS", "hash"], 1],
  ];

  it.each(reads)("%j shows no field that has passed while writes are held", (call, expected) => {
    const { server, client } = loaded();
    client.command("CLIENT", "PAUSE", "100000", "WRITE");
    server.world.jump(51);
    expect(client.command(...call)).toEqual(expected);
    expect(removals(server)).toEqual([]);
    server.world.advance(200);
    expect(removals(server)).toEqual([]);
    client.command("CLIENT", "UNPAUSE");
    server.world.advance(200);
    expect(removals(server)).toMatchObject([{ fields: ["g", "h"] }]);
  });

  it("treats a hash of which all has passed as absent while writes are held", () => {
    const { server, client } = loaded();
    client.command("HPEXPIRE", "hash", "50", "FIELDS", "1", "f");
    client.command("CLIENT", "PAUSE", "100000", "WRITE");
    server.world.jump(51);
    expect(client.command("EXISTS", "hash")).toBe(0);
    expect(client.command("HGETALL", "hash")).toEqual([]);
    expect(client.command("KEYS", "*")).toEqual([]);
    expect(client.command("SCAN", "0")).toEqual(["0", []]);
    expect(client.command("RANDOMKEY")).toBeNull();
    expect(client.command("OBJECT", "IDLETIME", "hash")).toBeNull();
  });
});

describe("active expiry of fields", () => {
  it("removes what nobody asks for, in every database", () => {
    const server = new InProcessServer();
    const client = server.connect();
    for (const database of ["0", "3"]) {
      client.command("SELECT", database);
      for (let key = 0; key < 50; key += 1) {
        for (let field = 0; field < 10; field += 1) {
          client.command("HSETEX", `h${key}`, "PX", "50", "FIELDS", "1", `f${field}`, "v");
        }
        if (key % 2 === 0) client.command("HSET", `h${key}`, "stays", "v");
      }
    }
    expect(client.command("INFO", "keyspace")).toContain(
      "db3:keys=50,expires=0,avg_ttl=0,subexpiry=50",
    );
    server.world.advance(300);
    expect(server.keyspace.keyCount(0)).toBe(25);
    expect(server.keyspace.keyCount(3)).toBe(25);
    expect(client.command("INFO", "stats")).toContain("expired_subkeys:1000\r\n");
    expect(client.command("INFO", "keyspace")).toContain(
      "db3:keys=25,expires=0,avg_ttl=0,subexpiry=0",
    );
    expect(client.command("HGETALL", "h2")).toEqual(["stays", "v"]);
  });

  it("takes no more than its time at once, and goes on soon", () => {
    const server = new InProcessServer();
    const client = server.connect();
    for (let field = 0; field < 5000; field += 1) {
      client.command("HSETEX", "hash", "PX", "50", "FIELDS", "1", `f${field}`, "v");
    }
    client.command("HSET", "hash", "stays", "v");
    server.world.advance(300);
    expect(client.command("HLEN", "hash")).toBe(1);
    expect(removals(server).length).toBeGreaterThan(5000 / 64);
    for (const effect of removals(server)) expect(effect.fields.length).toBeLessThanOrEqual(64);
  });

  it("takes a hash whose fields have all passed as one", () => {
    const server = new InProcessServer();
    const client = server.connect();
    for (let field = 0; field < 5000; field += 1) {
      client.command("HSETEX", "hash", "PX", "50", "FIELDS", "1", `f${field}`, "v");
    }
    server.world.advance(200);
    expect(removals(server)).toEqual([]);
    expect(server.sink.units.at(-1)?.effects).toMatchObject([{ key: "hash", reason: "expired" }]);
    expect(client.command("INFO", "stats")).toContain("expired_subkeys:5000\r\n");
  });

  it("is off when keys' is", () => {
    const { server, client } = loaded();
    client.command("DEBUG", "SET-ACTIVE-EXPIRE", "0");
    server.world.advance(1000);
    expect(removals(server)).toEqual([]);
  });
});

describe("the expiry of fields", () => {
  it.each([
    ["RENAME", ["RENAME", "hash", "other"], "0"],
    ["COPY", ["COPY", "hash", "other"], "0"],
    ["MOVE", ["MOVE", "hash", "2"], "2"],
  ])("goes along with %s", (_name, call, database) => {
    const { server, client } = loaded();
    client.command(...call);
    client.command("SELECT", database);
    const key = database === "2" ? "hash" : "other";
    expect(client.command("HPTTL", key, "FIELDS", "3", "f", "g", "h")).toEqual([-1, 50, 50]);
    server.world.advance(200);
    expect(client.command("HGETALL", key)).toEqual(["f", "1"]);
  });

  it("goes with the hash, whatever takes its place", () => {
    const { server, client } = loaded();
    client.command("SET", "hash", "text");
    client.command("HSET", "flushed", "f", "1", "g", "2");
    client.command("HPEXPIRE", "flushed", "50", "FIELDS", "1", "g");
    client.command("FLUSHDB");
    client.command("HSET", "flushed", "f", "1", "g", "2");
    server.world.advance(1000);
    expect(client.command("HGETALL", "flushed")).toEqual(["f", "1", "g", "2"]);
    expect(removals(server)).toEqual([]);
    expect(client.command("INFO", "keyspace")).toContain("subexpiry=0");
  });

  it("makes a watched key dirty when it passes", () => {
    const { server, client } = loaded();
    client.command("CLIENT", "PAUSE", "1", "WRITE");
    client.command("WATCH", "hash");
    client.command("MULTI");
    client.command("HLEN", "hash");
    server.world.jump(51);
    expect(client.command("EXEC")).toBeNull();
  });
});
