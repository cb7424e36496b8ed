/**
 * ioredis 6 at work, as applications use it, with RESP2 and with RESP3.
 */
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../support/test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const vector = (...values: number[]): Buffer => Buffer.from(new Float32Array(values).buffer);

describe.each([2, 3] as const)("ioredis, RESP%i", (protocol) => {
  let client: Redis;
  const connect = () => new Redis({ host: "127.0.0.1", port: server.port, protocol });
  beforeEach(async () => {
    client = connect();
    await client.flushall();
  });
  afterEach(() => client.disconnect());

  it("keeps strings, hashes and lists", async () => {
    expect(await client.set("key", "value", "EX", 100, "NX")).toBe("OK");
    expect(await client.set("key", "value", "EX", 100, "NX")).toBeNull();
    expect(await client.ttl("key")).toBeGreaterThan(90);
    expect(await client.append("key", "!")).toBe(6);
    expect(await client.mget("key", "missing")).toEqual(["value!", null]);
    expect(await client.hset("hash", { a: 1, b: 2 })).toBe(2);
    expect(await client.hgetall("hash")).toEqual({ a: "1", b: "2" });
    expect(await client.hincrby("hash", "b", 40)).toBe(42);
    expect(await client.rpush("list", "a", "b", "c")).toBe(3);
    expect(await client.lrange("list", 0, -1)).toEqual(["a", "b", "c"]);
    expect(await client.lpop("list")).toBe("a");
    expect(await client.linsert("list", "BEFORE", "c", "between")).toBe(3);
  });

  it("runs pipelines and MULTI, each reply with its error", async () => {
    const piped = await client.pipeline().set("a", "1").lpush("a", "x").incr("a").exec();
    expect(piped?.map(([, reply]) => reply)).toEqual(["OK", undefined, 2]);
    expect(piped?.[1][0]?.message).toMatch(/^WRONGTYPE/);
    expect(await client.multi().incr("a").get("a").exec()).toEqual([
      [null, 3],
      [null, "3"],
    ]);
    await expect(client.multi().call("SET", "a").exec()).rejects.toThrow(/^EXECABORT/);
    expect(await client.get("a")).toBe("3");
  });

  it("leaves MULTI when a watched key was touched", async () => {
    const other = connect();
    await client.watch("a");
    await other.set("a", "touched");
    expect(await client.multi().set("a", "lost").exec()).toBeNull();
    expect(await client.get("a")).toBe("touched");
    other.disconnect();
  });

  it("walks keys with a SCAN stream", async () => {
    const names = Array.from({ length: 300 }, (_, index) => `walk:${index}`);
    await client.mset(names.flatMap((name) => [name, "x"]));
    const seen = new Set<string>();
    for await (const keys of client.scanStream({ match: "walk:*", count: 40 })) {
      for (const key of keys) seen.add(key);
    }
    expect([...seen].sort()).toEqual([...names].sort());
  });

  it("keeps every byte", async () => {
    await client.set(everyByte, everyByte);
    expect(await client.getBuffer(everyByte)).toEqual(everyByte);
    await client.hset("hash", "field", everyByte);
    expect(await client.hgetBuffer("hash", "field")).toEqual(everyByte);
  });

  it("searches", async () => {
    const schema = "kind TAG v VECTOR FLAT 6 TYPE FLOAT32 DIM 2 DISTANCE_METRIC L2".split(" ");
    await client.call("FT.CREATE", "idx", "PREFIX", "1", "d:", "SCHEMA", ...schema);
    const writes = client.pipeline();
    for (let number = 0; number < 10; number += 1) {
      writes.hset(`d:${number}`, "kind", "k", "v", vector(number, 0));
    }
    await writes.exec();
    const query = "(@kind:{k})=>[KNN 2 @v $q AS distance]";
    const options = ["PARAMS", "2", "q", vector(4, 0), "NOCONTENT", "DIALECT", "2"];
    const found = await client.call("FT.SEARCH", "idx", query, ...options);
    expect(JSON.stringify(found)).toContain("d:4");
    expect(await client.call("FT.DROPINDEX", "idx")).toBe("OK");
    await expect(client.call("FT.INFO", "idx")).rejects.toThrow(/not found/i);
  });
});
