/**
 * node-redis 6 at work, as applications use it, with RESP2 and with RESP3.
 */
import { createClient, RESP_TYPES, SCHEMA_FIELD_TYPE, SCHEMA_VECTOR_FIELD_ALGORITHM } from "redis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../support/test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

function connect(protocol: 2 | 3) {
  const client = createClient({
    RESP: protocol,
    socket: { host: "127.0.0.1", port: server.port, reconnectStrategy: false },
  });
  client.on("error", () => {});
  return client;
}

const vector = (...values: number[]): Buffer => Buffer.from(new Float32Array(values).buffer);
const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

describe.each([2, 3] as const)("node-redis, RESP%i", (protocol) => {
  let client: ReturnType<typeof connect>;
  beforeEach(async () => {
    client = connect(protocol);
    await client.connect();
    await client.flushAll();
  });
  afterEach(() => client.destroy());

  it("keeps strings, with options and expiry", async () => {
    expect(await client.set("key", "value", { condition: "NX" })).toBe("OK");
    expect(await client.set("key", "other", { condition: "NX" })).toBeNull();
    expect(await client.get("key")).toBe("value");
    expect(await client.incrBy("count", 41)).toBe(41);
    expect(await client.incr("count")).toBe(42);
    expect(await client.incrByFloat("float", 0.5)).toBe("0.5");
    expect(await client.expire("key", 100)).toBe(1);
    expect(await client.ttl("key")).toBeGreaterThan(90);
    expect(await client.mGet(["key", "missing", "count"])).toEqual(["value", null, "42"]);
    expect(await client.getRange("key", 1, 2)).toBe("al");
    expect(await client.del(["key", "count", "missing"])).toBe(2);
  });

  it("keeps hashes and lists", async () => {
    expect(await client.hSet("hash", { a: "1", b: "2" })).toBe(2);
    expect({ ...(await client.hGetAll("hash")) }).toEqual({ a: "1", b: "2" });
    expect(await client.hIncrBy("hash", "a", 4)).toBe(5);
    expect(await client.hmGet("hash", ["a", "missing"])).toEqual(["5", null]);
    expect(await client.hExists("hash", "b")).toBe(1);
    expect(await client.rPush("list", ["a", "b", "c", "d"])).toBe(4);
    expect(await client.lPopCount("list", 2)).toEqual(["a", "b"]);
    expect(await client.lRange("list", 0, -1)).toEqual(["c", "d"]);
    expect(await client.lMove("list", "other", "RIGHT", "LEFT")).toBe("d");
    expect(await client.lLen("list")).toBe(1);
  });

  it("runs MULTI, and leaves it when a watched key was touched", async () => {
    const replies = await client.multi().set("a", "1").incr("a").hSet("h", "f", "v").exec();
    expect(replies).toEqual(["OK", 2, 1]);
    const other = connect(protocol);
    await other.connect();
    await client.watch("a");
    await other.set("a", "touched");
    await expect(client.multi().set("a", "lost").exec()).rejects.toThrow(/watched/i);
    expect(await client.get("a")).toBe("touched");
    other.destroy();
  });

  it("gets replies of a pipeline in order", async () => {
    const numbers = Array.from({ length: 1000 }, (_, index) => index);
    await Promise.all(numbers.map((number) => client.set(`key:${number}`, String(number))));
    const kept = await Promise.all(numbers.map((number) => client.get(`key:${number}`)));
    expect(kept).toEqual(numbers.map(String));
    expect(await client.dbSize()).toBe(1000);
  });

  it("walks keys and fields with SCAN", async () => {
    const names = Array.from({ length: 500 }, (_, index) => `walk:${index}`);
    await client.mSet(names.map((name) => [name, "x"] as [string, string]));
    await client.set("elsewhere", "x");
    const seen = new Set<string>();
    for await (const keys of client.scanIterator({ MATCH: "walk:*", COUNT: 50 })) {
      for (const key of keys) seen.add(key);
    }
    expect([...seen].sort()).toEqual([...names].sort());
    await client.hSet("hash", Object.fromEntries(names.map((name) => [name, name])));
    const fields = new Set<string>();
    for await (const entries of client.hScanIterator("hash", { COUNT: 50 })) {
      for (const { field, value } of entries) {
        expect(value).toBe(field);
        fields.add(field);
      }
    }
    expect(fields.size).toBe(500);
  });

  it("keeps every byte", async () => {
    const bytes = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    await bytes.set(everyByte, everyByte);
    expect(await bytes.get(everyByte)).toEqual(everyByte);
    await bytes.hSet("hash", "field", everyByte);
    expect(await bytes.hGet("hash", "field")).toEqual(everyByte);
  });

  it("says what was wrong, and goes on", async () => {
    await client.set("string", "x");
    await expect(client.lPush("string", "y")).rejects.toThrow(/^WRONGTYPE/);
    await expect(client.sendCommand(["NO-SUCH-COMMAND"])).rejects.toThrow(/unknown command/);
    expect(await client.ping()).toBe("PONG");
  });

  it("creates, describes, searches and drops an index with its typed commands", async () => {
    await createDocuments(client);
    const information = await client.ft.info("idx");
    expect(information.index_name).toBe("idx");
    expect(Number(information.num_docs)).toBe(30);
    expect(information.index_definition).toMatchObject({ key_type: "HASH", prefixes: ["doc:"] });
    expect(information.attributes).toHaveLength(4);
    expect(Number(information.percent_indexed)).toBe(1);
    expect(Number(information.hash_indexing_failures)).toBe(0);

    const nearest = await client.ft.search("idx", "*=>[KNN 3 @embedding $vec AS score]", {
      PARAMS: { vec: vector(7, 0, 0, 0) },
      SORTBY: "score",
      RETURN: ["name", "score"],
      DIALECT: 2,
    });
    expect(nearest.total).toBe(3);
    expect(nearest.documents[0].id).toBe("doc:7");
    expect({ ...nearest.documents[0].value }).toEqual({ name: "seven 7", score: "0" });

    const filtered = await client.ft.search("idx", "(@kind:{even} @number:[10 20])", {
      SORTBY: { BY: "number", DIRECTION: "DESC" },
      LIMIT: { from: 1, size: 2 },
      RETURN: "number",
    });
    expect(filtered.total).toBe(6);
    expect(filtered.documents.map(({ id }) => id)).toEqual(["doc:18", "doc:16"]);
    const keys = await client.ft.searchNoContent("idx", "@number:[3 3]");
    expect(keys).toMatchObject({ total: 1, documents: ["doc:3"] });

    const profiled = await client.ft.profileSearch("idx", "*=>[KNN 3 @embedding $vec AS score]", {
      PARAMS: { vec: vector(7, 0, 0, 0) },
      DIALECT: 2,
    });
    expect(profiled.results.total).toBe(3);
    expect(JSON.stringify(profiled.profile)).toMatch(/"Iterators profile".*"Method"/);

    const list: unknown = await client.ft._list();
    expect([...(list as Iterable<string>)]).toEqual(["idx"]);
    expect(await client.ft.dropIndex("idx", { DD: true })).toBe("OK");
    expect(await client.dbSize()).toBe(0);
    await expect(client.ft.search("idx", "*")).rejects.toThrow(/no such index/i);
  });
});

async function createDocuments(client: ReturnType<typeof connect>): Promise<void> {
  await client.ft.create(
    "idx",
    {
      name: SCHEMA_FIELD_TYPE.TEXT,
      kind: { type: SCHEMA_FIELD_TYPE.TAG, SORTABLE: true },
      number: { type: SCHEMA_FIELD_TYPE.NUMERIC, SORTABLE: true },
      embedding: {
        type: SCHEMA_FIELD_TYPE.VECTOR,
        ALGORITHM: SCHEMA_VECTOR_FIELD_ALGORITHM.HNSW,
        TYPE: "FLOAT32",
        DIM: 4,
        DISTANCE_METRIC: "L2",
        M: 16,
      },
    },
    { ON: "HASH", PREFIX: "doc:" },
  );
  const writes = Array.from({ length: 30 }, (_, number) =>
    client.hSet(`doc:${number}`, {
      name: number === 7 ? "seven 7" : `name ${number}`,
      kind: number % 2 === 0 ? "even" : "odd",
      number,
      embedding: vector(number, 0, 0, 0),
    }),
  );
  await Promise.all(writes);
}
