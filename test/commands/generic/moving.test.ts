/**
 * COPY, MOVE and RENAME across keys and databases; OBJECT; WAIT; keys that are any bytes.
 */
import { describe, expect, it } from "vitest";
import { InProcessServer } from "../../support/in-process-server.ts";

const sameObject = "ERR source and destination objects are the same";
const notInt32 = "ERR value is out of range, value must between -2147483648 and 2147483647";

describe("COPY", () => {
  it("copies each type with its expiry, and the copy lives on its own", () => {
    const client = new InProcessServer().connect();
    client.command("SET", "s", "v", "EX", 100);
    client.command("HSET", "h", "f", "v", "g", "w");
    client.command("RPUSH", "l", "a", "b");
    for (const name of ["s", "h", "l"]) expect(client.command("COPY", name, `${name}2`)).toBe(1);
    client.command("APPEND", "s2", "+");
    client.command("HDEL", "h", "f", "g");
    client.command("RPOP", "l");
    expect(client.command("GET", "s")).toBe("v");
    expect(client.command("TTL", "s2")).toBe(100);
    expect(client.command("HGETALL", "h2")).toEqual(["f", "v", "g", "w"]);
    expect(client.command("LRANGE", "l2", 0, -1)).toEqual(["a", "b"]);
  });

  it("reaches other databases, and replaces only when told to", () => {
    const client = new InProcessServer().connect();
    client.command("SET", "k", "new");
    client.command("SELECT", 3);
    client.command("HSET", "k", "f", "old");
    client.command("SELECT", 0);
    expect(client.command("COPY", "k", "k", "DB", 3)).toBe(0);
    expect(client.command("COPY", "k", "k", "replace", "db", 3)).toBe(1);
    expect(client.command("COPY", "missing", "k", "DB", 3, "REPLACE")).toBe(0);
    client.command("SELECT", 3);
    expect(client.command("GET", "k")).toBe("new");
    expect(client.command("COPY", "k", "k", "DB", 0)).toBe(0);
  });

  it("refuses the same key, databases that are not there, and unknown words", () => {
    const client = new InProcessServer().connect();
    expect(client.error("COPY", "k", "k")).toBe(sameObject);
    expect(client.error("COPY", "k", "k", "DB", 0)).toBe(sameObject);
    for (const database of [16, -1]) {
      expect(client.error("COPY", "k", "l", "DB", database)).toBe("ERR DB index is out of range");
    }
    expect(client.error("COPY", "k", "l", "DB", "2147483648")).toBe(notInt32);
    expect(client.error("COPY", "k", "l", "DB", "x")).toMatch("not an integer");
    expect(client.error("COPY", "k", "l", "DB")).toBe("ERR syntax error");
    expect(client.error("COPY", "k", "l", "REPLACED")).toBe("ERR syntax error");
  });
});

describe("MOVE", () => {
  it("takes value and expiry along, and nothing over a key that is there", () => {
    const client = new InProcessServer().connect();
    client.command("RPUSH", "l", "a", "b");
    client.command("EXPIRE", "l", 100);
    expect(client.command("MOVE", "l", 1)).toBe(1);
    expect(client.command("MOVE", "l", 1)).toBe(0);
    client.command("SET", "l", "another");
    expect(client.command("MOVE", "l", 1)).toBe(0);
    client.command("SELECT", 1);
    expect(client.command("LRANGE", "l", 0, -1)).toEqual(["a", "b"]);
    expect(client.command("TTL", "l")).toBe(100);
    expect(client.error("MOVE", "l", 1)).toBe(sameObject);
    expect(client.error("MOVE", "l", 16)).toBe("ERR DB index is out of range");
    expect(client.error("MOVE", "l", "-2147483649")).toBe(notInt32);
  });

  it("finds a target free whose time has passed", () => {
    const server = new InProcessServer();
    const client = server.connect();
    client.command("SELECT", 1);
    client.command("SET", "k", "old", "PX", 5);
    client.command("SELECT", 0);
    client.command("SET", "k", "new");
    server.world.jump(6);
    expect(client.command("MOVE", "k", 1)).toBe(1);
  });
});

describe("RENAME", () => {
  it("puts the value with its expiry in place of whatever is there", () => {
    const client = new InProcessServer().connect();
    client.command("SET", "a", "v", "EX", 100);
    client.command("RPUSH", "b", "x");
    expect(client.command("RENAMENX", "a", "b")).toBe(0);
    expect(client.command("RENAME", "a", "b")).toBe("OK");
    expect(client.command("GET", "b")).toBe("v");
    expect(client.command("TTL", "b")).toBe(100);
    expect(client.command("EXISTS", "a")).toBe(0);
    expect(client.command("RENAMENX", "b", "c")).toBe(1);
    expect(client.command("RENAME", "c", "c")).toBe("OK");
    expect(client.command("RENAMENX", "c", "c")).toBe(0);
    expect(client.error("RENAME", "missing", "missing")).toBe("ERR no such key");
    expect(client.error("RENAMENX", "missing", "c")).toBe("ERR no such key");
  });
});

describe("keys of any bytes", () => {
  it.each(["", "\x00", "\r\n", "\xff\xfe", " ", "k".repeat(600), "ключ"])("%j", (text) => {
    const key = Buffer.from(text, "latin1");
    const client = new InProcessServer().connect();
    const name = key.toString("latin1");
    client.command("SET", key, key);
    expect(client.command("GET", key)).toBe(name);
    expect(client.command("KEYS", "*")).toEqual([name]);
    expect(client.command("SCAN", "0")).toEqual(["0", [name]]);
    expect(client.command("RENAME", key, "other")).toBe("OK");
    client.command("HSET", key, key, key);
    expect(client.command("HGETALL", key)).toEqual([name, name]);
    expect(client.command("HSCAN", key, "0")).toEqual(["0", [name, name]]);
    expect(client.command("DEL", key, "other")).toBe(2);
  });
});

/** How the value is made, and the name of its encoding in Redis. */
const encodings: readonly (readonly [string, (string | number)[][], string])[] = [
  ["a small integer", [["SET", "k", 12]], "int"],
  ["the greatest integer", [["SET", "k", "9223372036854775807"]], "int"],
  ["one more", [["SET", "k", "9223372036854775808"]], "embstr"],
  ["an integer with a plus", [["SET", "k", "+1"]], "embstr"],
  ["44 bytes", [["SET", "k", "x".repeat(44)]], "embstr"],
  ["45 bytes", [["SET", "k", "x".repeat(45)]], "raw"],
  ["a float", [["INCRBYFLOAT", "k", "1.5"]], "embstr"],
  ["a small hash", [["HSET", "k", "f", "v"]], "listpack"],
  ["a hash with a value of 64 bytes", [["HSET", "k", "f", "x".repeat(64)]], "listpack"],
  ["a hash with a value of 65 bytes", [["HSET", "k", "f", "x".repeat(65)]], "hashtable"],
  [
    "a hash that had one",
    [
      ["HSET", "k", "f", "x".repeat(65)],
      ["HSET", "k", "f", "v"],
    ],
    "hashtable",
  ],
  ["a small list", [["RPUSH", "k", "v"]], "listpack"],
];

/** How many values of that many bytes are the first that outgrow a listpack, in Redis 7.4.1. */
const listBounds: readonly (readonly [number, number])[] = [
  [1, 2730],
  [10, 683],
  [62, 128],
  [63, 126],
  [64, 123],
  [100, 80],
  [126, 63],
  [128, 63],
  [1000, 9],
  [4000, 3],
  [4096, 2],
  [8185, 2],
  [8186, 1],
];

describe("OBJECT", () => {
  it.each(encodings)("ENCODING of %s", (_, calls, expected) => {
    const client = new InProcessServer().connect();
    for (const call of calls) client.command(...call);
    expect(client.command("OBJECT", "ENCODING", "k")).toBe(expected);
  });

  it.each(listBounds)("ENCODING of a list of values of %i bytes changes at %i", (size, count) => {
    const client = new InProcessServer().connect();
    const encoding = () => client.command("OBJECT", "ENCODING", "k");
    const values = Array.from({ length: count - 1 }, () => "x".repeat(size));
    if (count > 1) {
      client.command("RPUSH", "k", ...values);
      expect(encoding()).toBe("listpack");
    }
    client.command("RPUSH", "k", "x".repeat(size));
    expect(encoding()).toBe("quicklist");
  });

  it("ENCODING of a list that the integers from 1 are pushed onto one by one changes at 2771", () => {
    const client = new InProcessServer().connect();
    for (let integer = 1; integer <= 2770; integer += 1) client.command("RPUSH", "k", integer);
    expect(client.command("OBJECT", "ENCODING", "k")).toBe("listpack");
    client.command("RPUSH", "k", 2771);
    expect(client.command("OBJECT", "ENCODING", "k")).toBe("quicklist");
  });

  it("ENCODING of a hash changes with its 513th field, and stays", () => {
    const client = new InProcessServer().connect();
    for (let index = 0; index < 512; index += 1) client.command("HSET", "k", `f${index}`, "v");
    expect(client.command("OBJECT", "ENCODING", "k")).toBe("listpack");
    client.command("HSET", "k", "one more", "v");
    expect(client.command("OBJECT", "ENCODING", "k")).toBe("hashtable");
    client.command("HDEL", "k", "one more");
    expect(client.command("OBJECT", "ENCODING", "k")).toBe("hashtable");
  });

  it("FREQ counts nothing, since nothing is evicted by it", () => {
    const client = new InProcessServer().connect();
    client.command("SET", "k", "v");
    expect(client.error("OBJECT", "FREQ", "k")).toMatch(/^ERR An LFU maxmemory policy is not /);
    expect(client.command("OBJECT", "FREQ", "none")).toBeNull();
  });

  it("IDLETIME counts seconds since the last access; OBJECT itself is none", () => {
    const server = new InProcessServer();
    const client = server.connect();
    client.command("SET", "k", "v");
    server.world.jump(90_000);
    expect(client.command("OBJECT", "IDLETIME", "k")).toBe(90);
    expect(client.command("OBJECT", "IDLETIME", "k")).toBe(90);
    client.command("TOUCH", "k", "missing");
    expect(client.command("OBJECT", "IDLETIME", "k")).toBe(0);
    expect(client.command("OBJECT", "IDLETIME", "missing")).toBeNull();
    expect(client.command("OBJECT", "REFCOUNT", "k")).toBe(1);
  });
});

describe("WAIT and WAITAOF", () => {
  it("answer once what was executed is durable", () => {
    const server = new InProcessServer({ isManual: true });
    const writer = server.connect();
    const waiter = server.connect();
    writer.post("SET", "k", "v");
    waiter.post("WAIT", 1, 0);
    waiter.post("WAITAOF", 1, 0, 0);
    expect(waiter.take()).toBeUndefined();
    server.sink.makeDurable();
    expect(waiter.take()).toBe(0);
    expect(waiter.take()).toEqual([1, 0]);
  });

  it("refuse counts and timeouts that are none", () => {
    const client = new InProcessServer().connect();
    expect(client.error("WAIT", "x", 0)).toMatch("value is not an integer");
    expect(client.error("WAIT", 1, "x")).toBe("ERR timeout is not an integer or out of range");
    expect(client.error("WAIT", 1, -1)).toBe("ERR timeout is negative");
    expect(client.error("WAIT", 1, "9223372036854775807")).toBe("ERR timeout is out of range");
    expect(client.error("WAITAOF", 2, 0, 0)).toBe(
      "ERR value is out of range, value must between 0 and 1",
    );
    expect(client.error("WAITAOF", 1, -1, 0)).toBe("ERR value is out of range, must be positive");
    expect(client.error("WAITAOF", 1, 0, -1)).toBe("ERR timeout is negative");
  });
});
